"""Addresses of sales, lots, applications and deposits."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from yunlang.auctions import application_pages, deposit_pages, lot_pages, sale_pages
from yunlang.auctions.core.formats.known import FORM_LABELS


class SaleActionConverter(StringConverter):
    """Something that the office does with a sale."""

    regex = "|".join(sale_pages.ACTIONS)


class ApplicationActionConverter(StringConverter):
    """Something that is done with an application."""

    regex = "|".join(application_pages.ACTIONS)


class DepositActionConverter(StringConverter):
    """Something that the cashier does with a deposit."""

    regex = "|".join(deposit_pages.ACTIONS)


class FormOfSaleConverter(StringConverter):
    """One of the forms of sale."""

    regex = "|".join(FORM_LABELS)


register_converter(SaleActionConverter, "sale_action")
register_converter(ApplicationActionConverter, "application_action")
register_converter(DepositActionConverter, "deposit_action")
register_converter(FormOfSaleConverter, "form_of_sale")

urlpatterns = [
    path("auctions/", sale_pages.sale_list, name="sales"),
    path("auctions/new/", sale_pages.sale_new, name="sale_new"),
    path("auctions/deposits/", deposit_pages.deposit_list, name="deposits"),
    path("auctions/deposits/statement/", deposit_pages.deposit_statement, name="deposit_statement"),
    path("auctions/<uuid:sale_id>/", sale_pages.sale_page, name="sale"),
    path("auctions/<uuid:sale_id>/edit/", sale_pages.sale_edit, name="sale_edit"),
    path("auctions/<uuid:sale_id>/<sale_action:action>/", sale_pages.sale_action, name="sale_action"),
    path("auctions/<uuid:sale_id>/applications/", application_pages.application_list, name="applications"),
    path("auctions/<uuid:sale_id>/lots/new/", lot_pages.lot_choose, name="lot_choose"),
    path("auctions/<uuid:sale_id>/lots/new/<form_of_sale:form>/", lot_pages.lot_new, name="lot_new"),
    path("lots/<uuid:lot_id>/", lot_pages.lot_page, name="lot"),
    path("lots/<uuid:lot_id>/edit/", lot_pages.lot_edit, name="lot_edit"),
    path("lots/<uuid:lot_id>/remove/", lot_pages.lot_remove, name="lot_remove"),
    path("lots/<uuid:lot_id>/withdraw/", lot_pages.lot_withdraw, name="lot_withdraw"),
    path("lots/<uuid:lot_id>/apply/", application_pages.application_new, name="application_new"),
    path(
        "applications/<uuid:bidder_id>/<application_action:action>/", application_pages.application_action,
        name="application_action",
    ),
    path("deposits/<uuid:deposit_id>/<deposit_action:action>/", deposit_pages.deposit_action, name="deposit_action"),
]  # fmt: skip
