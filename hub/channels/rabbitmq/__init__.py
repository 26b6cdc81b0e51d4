"""Carries messages over RabbitMQ: to and from partners, and between the relay and the workers."""

from hub.channels.rabbitmq.apps import AppQueues, AppTickets, Taken, Ticket
from hub.channels.rabbitmq.broker import Broker
from hub.channels.rabbitmq.channel import RabbitChannel
from hub.channels.rabbitmq.publisher import Undeliverable
from hub.channels.rabbitmq.replies import QueueOutlet

__all__ = [
    "AppQueues",
    "AppTickets",
    "Broker",
    "QueueOutlet",
    "RabbitChannel",
    "Taken",
    "Ticket",
    "Undeliverable",
]
