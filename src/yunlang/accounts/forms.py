"""Forms of the account pages. What the services refuse joins the forms' own errors."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from yunlang.accounts.models import ApiToken
from yunlang.accounts.services import PASSWORD_RULE, TOKEN_LIFE_DAYS_MAXIMUM
from yunlang.kit.errors import InvalidError


class PageForm(forms.Form):
    """A form whose inputs carry the ids that the error summary links to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "field-%s", "label_suffix": ""} | kwargs)
        for name, field in self.fields.items():
            field.widget.use_required_attribute = lambda _initial: False  # the server's words, in the page's language
            if field.required:
                field.widget.attrs["aria-required"] = "true"
            field.widget.attrs["aria-describedby"] = f"help-{name}"

    def refuse(self, error: InvalidError) -> None:
        """Take over a service's reasons, each at its field."""
        language = get_language() or settings.LANGUAGE_CODE
        for name, reasons in error.fields.items():
            for reason in reasons:
                self.add_error(name if name in self.fields else None, reason.text(language))


def _password(label: Any, autocomplete: str) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=128, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": autocomplete})
    )


def _name() -> forms.CharField:
    return forms.CharField(label=_("姓名"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"}))


def _phone() -> forms.CharField:
    return forms.CharField(
        label=_("电话"), max_length=40, required=False, help_text=_("供走廊办公室和科创经理人联系。可不填。"),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )  # fmt: skip


class SignInForm(PageForm):
    """Address and password."""

    email = forms.CharField(
        label=_("邮箱"), max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )  # fmt: skip
    password = _password(_("密码"), "current-password")


class SignUpForm(PageForm):
    """A new account."""

    name = _name()
    email = forms.CharField(
        label=_("邮箱"), max_length=254, help_text=_("用来登录。"),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )  # fmt: skip
    phone = _phone()
    password = _password(_("密码"), "new-password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = PASSWORD_RULE.text(get_language() or settings.LANGUAGE_CODE)


class ProfileForm(PageForm):
    """What a person may change of an account."""

    name = _name()
    phone = _phone()


class PasswordForm(PageForm):
    """A new password, with the old one."""

    old_password = _password(_("现在的密码"), "current-password")
    new_password = _password(_("新密码"), "new-password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password"].help_text = PASSWORD_RULE.text(get_language() or settings.LANGUAGE_CODE)


class TokenForm(PageForm):
    """A new API token."""

    name = forms.CharField(
        label=_("用途"), max_length=100, help_text=_("写明哪个程序使用，便于以后停用。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    scope = forms.ChoiceField(
        label=_("权限范围"),
        choices=[(ApiToken.Scope.READ, _("只读：查询和匹配")), (ApiToken.Scope.WRITE, _("读写：还可以发布和修改"))],
    )
    days = forms.IntegerField(
        label=_("有效期（天）"), min_value=1, max_value=TOKEN_LIFE_DAYS_MAXIMUM, initial=90,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short", "autocomplete": "off"}),
    )  # fmt: skip
