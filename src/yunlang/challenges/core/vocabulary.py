"""The words of open challenges: where calls, nominations, challenges and reviews stand."""

from __future__ import annotations

from enum import StrEnum

from yunlang.kit.language import Bilingual


class CallStatus(StrEnum):
    """Where a call for needs stands; the office moves it."""

    DRAFT = "draft"
    OPEN = "open"
    SCREENING = "screening"
    LISTED = "listed"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


CALL_STATUSES: dict[str, Bilingual] = {
    CallStatus.DRAFT: Bilingual("草拟", "draft"),
    CallStatus.OPEN: Bilingual("征集中", "open"),
    CallStatus.SCREENING: Bilingual("评审中", "screening"),
    CallStatus.LISTED: Bilingual("已发榜", "list published"),
    CallStatus.CLOSED: Bilingual("已结束", "closed"),
    CallStatus.WITHDRAWN: Bilingual("已撤销", "withdrawn"),
}
CALL_STEPS: dict[CallStatus, frozenset[CallStatus]] = {
    CallStatus.DRAFT: frozenset({CallStatus.OPEN, CallStatus.WITHDRAWN}),
    CallStatus.OPEN: frozenset({CallStatus.SCREENING, CallStatus.WITHDRAWN}),
    CallStatus.SCREENING: frozenset({CallStatus.LISTED, CallStatus.WITHDRAWN}),
    CallStatus.LISTED: frozenset({CallStatus.CLOSED}),
    CallStatus.CLOSED: frozenset(),
    CallStatus.WITHDRAWN: frozenset(),
}


class NominationStatus(StrEnum):
    """Where a need put forward to a call stands."""

    SUBMITTED = "submitted"
    SCREENED_IN = "screened_in"
    SCREENED_OUT = "screened_out"
    WITHDRAWN = "withdrawn"


NOMINATION_STATUSES: dict[str, Bilingual] = {
    NominationStatus.SUBMITTED: Bilingual("已申报", "submitted"),
    NominationStatus.SCREENED_IN: Bilingual("已入选", "selected"),
    NominationStatus.SCREENED_OUT: Bilingual("未入选", "not selected"),
    NominationStatus.WITHDRAWN: Bilingual("已撤回", "withdrawn"),
}


class ChallengeStatus(StrEnum):
    """Where a published challenge stands."""

    PUBLISHED = "published"
    EVALUATING = "evaluating"
    AWARDED = "awarded"
    PERFORMING = "performing"
    CONCLUDED = "concluded"
    WITHDRAWN = "withdrawn"
    UNAWARDED = "unawarded"


CHALLENGE_STATUSES: dict[str, Bilingual] = {
    ChallengeStatus.PUBLISHED: Bilingual("揭榜中", "open for proposals"),
    ChallengeStatus.EVALUATING: Bilingual("评审中", "under review"),
    ChallengeStatus.AWARDED: Bilingual("已揭榜", "awarded"),
    ChallengeStatus.PERFORMING: Bilingual("攻关中", "in performance"),
    ChallengeStatus.CONCLUDED: Bilingual("已结题", "concluded"),
    ChallengeStatus.WITHDRAWN: Bilingual("已撤榜", "withdrawn"),
    ChallengeStatus.UNAWARDED: Bilingual("无人揭榜", "not awarded"),
}
CHALLENGE_ENDED = (ChallengeStatus.CONCLUDED, ChallengeStatus.WITHDRAWN, ChallengeStatus.UNAWARDED)


class RoundKind(StrEnum):
    """What a round of reviews judges."""

    SCREENING = "screening"
    PROPOSALS = "proposals"


ROUND_KINDS: dict[str, Bilingual] = {
    RoundKind.SCREENING: Bilingual("申报评审", "review of nominations"),
    RoundKind.PROPOSALS: Bilingual("揭榜方案评审", "review of proposals"),
}


class SubjectKind(StrEnum):
    """What one review judges."""

    NOMINATION = "nomination"
    PROPOSAL = "proposal"


SUBJECT_KINDS: dict[str, Bilingual] = {
    SubjectKind.NOMINATION: Bilingual("申报", "nomination"),
    SubjectKind.PROPOSAL: Bilingual("揭榜方案", "proposal"),
}


class ReviewerStatus(StrEnum):
    """Whether an expert reviews for the corridor."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"


REVIEWER_STATUSES: dict[str, Bilingual] = {
    ReviewerStatus.INVITED: Bilingual("已邀请", "invited"),
    ReviewerStatus.ACCEPTED: Bilingual("已接受", "accepted"),
    ReviewerStatus.DECLINED: Bilingual("已谢绝", "declined"),
}


class AssignmentStatus(StrEnum):
    """Where one review stands; a conflict of interest and a withdrawal end it without scores."""

    ASSIGNED = "assigned"
    SUBMITTED = "submitted"
    CONFLICT = "conflict"
    WITHDRAWN = "withdrawn"


ASSIGNMENT_STATUSES: dict[str, Bilingual] = {
    AssignmentStatus.ASSIGNED: Bilingual("待评审", "to be reviewed"),
    AssignmentStatus.SUBMITTED: Bilingual("已提交", "submitted"),
    AssignmentStatus.CONFLICT: Bilingual("已回避", "conflict of interest"),
    AssignmentStatus.WITHDRAWN: Bilingual("已取消", "withdrawn"),
}
