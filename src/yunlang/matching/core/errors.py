"""What can be wrong with a search index or a model file; each says what the reader should do."""

from __future__ import annotations

from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual


class SearchIndexError(DomainError):
    """The search index cannot serve; only a rebuild from the database helps."""

    code = "search_index_unusable"
    message = Bilingual(
        "检索索引无法使用（{reason}），请运行 yunlang matching reindex 重建。",
        "The search index cannot be used ({reason}). Rebuild it with yunlang matching reindex.",
    )
    status = 503


class MissingIndexError(SearchIndexError):
    """Nothing was ever built here."""

    code = "search_index_missing"
    message = Bilingual(
        "尚未建立检索索引，请运行 yunlang matching reindex。",
        "There is no search index yet. Build it with yunlang matching reindex.",
    )


class DamagedIndexError(SearchIndexError):
    """Files of the index are missing, cut short or unreadable."""

    code = "search_index_damaged"


class IncompatibleIndexError(SearchIndexError):
    """The index was built by another format, analyser or encoder."""

    code = "search_index_incompatible"


class BusyIndexError(SearchIndexError):
    """Another process is building this index."""

    code = "search_index_busy"
    message = Bilingual(
        "另一进程正在重建检索索引，请待其完成后再试。",
        "Another process is rebuilding the search index. Try again when it has finished.",
    )
    status = 409


class MovedIndexError(SearchIndexError):
    """A rebuilt index took the place of the one that a change was prepared for."""

    code = "search_index_moved"
    message = Bilingual("检索索引刚刚重建，请重试。", "The search index has just been rebuilt. Try again.")
    status = 409


class SearchServerError(SearchIndexError):
    """The search server cannot be asked, or refused; a rebuild changes nothing about that."""

    code = "search_server_refused"
    message = Bilingual(
        "检索服务器拒绝了请求（{reason}），请检查 YUNLANG_SEARCH_URL、YUNLANG_SEARCH_TOKEN 与服务器。",
        "The search server refused ({reason}). Check YUNLANG_SEARCH_URL, YUNLANG_SEARCH_TOKEN and the server.",
    )


class MissingClientError(SearchServerError):
    """The client of the search server is not installed."""

    code = "search_client_missing"
    message = Bilingual(
        "使用检索服务器需要 pymilvus，请运行 pip install 'yunlang[cluster]'；或清除 YUNLANG_SEARCH_URL，改用本地索引。",
        "A search server needs pymilvus: pip install 'yunlang[cluster]'; or unset YUNLANG_SEARCH_URL to use the local "
        "index.",
    )


class SearchAddressError(SearchServerError):
    """The address is none of a search server."""

    code = "search_address_wrong"
    message = Bilingual(
        "YUNLANG_SEARCH_URL 应形如 http://主机:19530，而不是 {address}。",
        "YUNLANG_SEARCH_URL looks like http://host:19530, not {address}.",
    )


class UnreachableServerError(SearchServerError):
    """Nothing answers at the address."""

    code = "search_server_unreachable"
    message = Bilingual(
        "检索服务器 {address} 没有应答。请检查 YUNLANG_SEARCH_URL，并确认 Milvus 正在运行。",
        "The search server {address} does not answer. Check YUNLANG_SEARCH_URL, and that Milvus runs.",
    )


class LocalIndexError(SearchIndexError):
    """What was asked runs on the local index alone."""

    code = "local_index_needed"
    message = Bilingual(
        "为全部需求匹配只能使用本地索引，而 YUNLANG_SEARCH_URL 指定了检索服务器。"
        "如需运行，请清除该变量，并先执行 yunlang matching reindex。",
        "All needs are ranked on the local index only, and YUNLANG_SEARCH_URL names a search server. To run it, unset "
        "the variable and run yunlang matching reindex first.",
    )


class ModelFileError(DomainError):
    """A model file is damaged, or made for another version of the code."""

    code = "model_file_unusable"
    message = Bilingual(
        "模型文件无法使用（{reason}），请重新安装 yunlang，或用当前版本重新生成该文件。",
        "The model file cannot be used ({reason}). Install yunlang anew, or make the file again with this version.",
    )
    status = 503


class RankerFileError(ModelFileError):
    """The folder holds no ranker that this version can use."""

    code = "ranker_unusable"
    message = Bilingual(
        "排序模型无法使用（{reason}），请用 yunlang matching train 重新训练。",
        "The ranker cannot be used ({reason}). Train it anew with yunlang matching train.",
    )
