"""Auctions: a lot is listed, bid for by the form that fits it, and sold so that anybody can check it afterwards."""
