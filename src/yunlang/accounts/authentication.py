"""Sign-in by e-mail address and password."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from yunlang.accounts.models import User


class EmailBackend(BaseBackend):
    """Checks a password in about the same time whether or not the address is known."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        """Return the active account with this address and password, or None."""
        if not username or not password:
            return None
        user = User.objects.filter(email__iexact=username).first()
        if user is None:
            make_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: Any) -> User | None:
        """Return the session's account while it is active."""
        return User.objects.filter(pk=user_id, is_active=True).first()
