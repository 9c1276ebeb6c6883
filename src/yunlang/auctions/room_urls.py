"""Addresses of live rooms, the auctioneer's console and the hall's screen."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from yunlang.auctions import console_pages, room_pages
from yunlang.auctions.console_commands import STEPS
from yunlang.auctions.room_commands import COMMANDS


class RoomActionConverter(StringConverter):
    """Something that a party does in a room."""

    regex = "|".join(COMMANDS)


class ConsoleStepConverter(StringConverter):
    """Something that the auctioneer does to a lot."""

    regex = "|".join(STEPS)


register_converter(RoomActionConverter, "room_action")
register_converter(ConsoleStepConverter, "console_step")

urlpatterns = [
    path("lots/<uuid:lot_id>/room/", room_pages.room, name="room"),
    path("lots/<uuid:lot_id>/room/<room_action:action>/", room_pages.room_act, name="room_act"),
    path("lots/<uuid:lot_id>/console/<console_step:step>/", console_pages.console_step, name="console_step"),
    path("lots/<uuid:lot_id>/console/unseal/", console_pages.console_unseal, name="console_unseal"),
    path("auctions/<uuid:sale_id>/console/", console_pages.console, name="console"),
    path("auctions/<uuid:sale_id>/screen/", console_pages.screen, name="screen"),
]
