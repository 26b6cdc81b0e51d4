"""Run by Alembic, in the transaction that `hub.journal.migration` has begun."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
