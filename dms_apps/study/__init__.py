"""Studies: the network as it is beside what it would be, N-1, hosting capacity."""

from dms_apps.study.app import StudyApp

__all__ = ["StudyApp"]
