"""Why a file cannot be read or written as a table: each refusal says what is wrong and how to mend it."""

from __future__ import annotations

from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual


class TableError(DomainError):
    """A file that cannot be taken as a table; nothing of it has been used."""

    code = "table_unreadable"
    message = Bilingual("文件无法作为表格读取。", "The file cannot be read as a table.")
    status = 422


class EmptyFileError(TableError):
    """No bytes, or nothing but blank rows."""

    code = "table_empty"
    message = Bilingual(
        "文件是空的：没有表头，也没有数据。请下载模板，首行保留表头，从第二行起填写。",
        "The file is empty: no header and no data. Download the template, keep its header, fill from the second row.",
    )


class FileTooLargeError(TableError):
    """More bytes than the limits allow."""

    code = "table_file_too_large"
    message = Bilingual(
        "文件超过 {limit} MB 的上限。请拆分为几个文件分别导入。",
        "The file is larger than {limit} MB. Split it and import the parts one by one.",
    )
    status = 413


class UnsupportedFormatError(TableError):
    """A known or unknown format that is not one of those read here."""

    code = "table_format_unsupported"
    message = Bilingual(
        "这是{found}，不能作为表格导入。请另存为 .xlsx、.xls、.csv 或 .jsonl 后再上传。",
        "This is {found} and cannot be imported as a table. Save it as .xlsx, .xls, .csv or .jsonl and upload again.",
    )
    status = 415


class DisguisedFileError(TableError):
    """A web page or XML under a spreadsheet's name, as many web systems export."""

    code = "table_disguised"
    message = Bilingual(
        "文件内容其实是{found}，只是扩展名像表格。请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”后再上传。",
        "The file is really {found} under a spreadsheet's name. Open it in Excel or WPS, save it as an Excel workbook "
        "(.xlsx) and upload again.",
    )


class EncryptedFileError(TableError):
    """A workbook or archive behind a password."""

    code = "table_encrypted"
    message = Bilingual(
        "文件设有打开密码。请在 Excel 中取消密码（文件—信息—保护工作簿）后重新保存并上传。",
        "The file has a password. Remove it in Excel (File, Info, Protect Workbook), save and upload again.",
    )


class DamagedFileError(TableError):
    """The bytes break the rules of the file's own format, or stop half way."""

    code = "table_damaged"
    message = Bilingual(
        "文件已损坏或不完整（{detail}）。请重新导出或下载；能用 Excel 打开的，请另存为新的 .xlsx 文件再上传。",
        "The file is damaged or incomplete ({detail}). Export or download it again; if Excel opens it, save it as a "
        "new .xlsx file and upload that.",
    )


class ArchiveBombError(TableError):
    """An archive that unpacks to far more than it should."""

    code = "table_archive_bomb"
    message = Bilingual(
        "文件解压后异常庞大（上限 {limit} MB，压缩比上限 {ratio} 倍），已停止读取。"
        "请只保留需要导入的数据，复制到新工作簿后再上传。",
        "The file unpacks to an abnormal size (at most {limit} MB and {ratio} times its packed size are allowed); "
        "reading has stopped. Copy only the data to import into a new workbook and upload that.",
    )


class UnsafeXmlError(TableError):
    """XML with a document type, entities, or another shape that no spreadsheet program writes."""

    code = "table_unsafe_xml"
    message = Bilingual(
        "文件内含不允许的内容（{detail}），为安全起见没有读取。请用 Excel 新建工作簿，粘贴数值后再上传。",
        "The file holds content that is not allowed ({detail}) and was not read. Paste the values into a new Excel "
        "workbook and upload that.",
    )


class TextEncodingError(TableError):
    """Text in neither UTF-8 nor GB18030 nor marked UTF-16."""

    code = "table_encoding"
    message = Bilingual(
        "文字编码无法识别（从第 {line} 行起）：既不是 UTF-8，也不是 GB18030（GBK）。"
        "请在 Excel 中另存为“CSV UTF-8（逗号分隔）”后再上传。",
        "The text encoding is not recognised (from line {line}): neither UTF-8 nor GB18030 (GBK). In Excel save it as "
        "“CSV UTF-8 (comma delimited)” and upload again.",
    )


class GarbledTextError(TableError):
    """Text that was decoded wrongly before it was saved (乱码)."""

    code = "table_garbled"
    message = Bilingual(
        "表头是乱码（“{sample}”），说明文件曾以错误的编码打开并保存。请找到原文件，以正确的编码重新导出。",
        "The header is garbled (“{sample}”): the file was once opened in the wrong encoding and saved. Go back to the "
        "original and export it again in the right encoding.",
    )


class BinaryContentError(TableError):
    """NUL characters, or bytes that are no text at all."""

    code = "table_binary"
    message = Bilingual(
        "文件含有空字符（NUL）或二进制内容，不是文本表格。请用 Excel 另存为 .xlsx 或“CSV UTF-8”后再上传。",
        "The file holds NUL characters or binary content and is not a text table. Save it in Excel as .xlsx or as "
        "“CSV UTF-8” and upload again.",
    )


class UnbalancedQuotesError(TableError):
    """A quotation mark that opens a cell and never closes it, or closes it too early."""

    code = "table_quotes"
    message = Bilingual(
        '第 {row} 行的英文引号（"）不成对，其后的内容无法分列。请检查该行的引号，或用 Excel 另存为 .xlsx 后再上传。',
        'The double quotes (") in row {row} do not pair, so what follows cannot be split into columns. Correct it, '
        "or save as .xlsx in Excel and upload again.",
    )


class JsonLinesError(TableError):
    """A line that is not one complete JSON object."""

    code = "table_json_lines"
    message = Bilingual(
        "第 {row} 行不是一个完整的 JSON 对象。JSON Lines 文件每行应是一个对象，如 {example}。",
        "Line {row} is not one complete JSON object. Each line of a JSON Lines file is an object such as {example}.",
    )

    def __init__(self, row: int) -> None:
        super().__init__(row=row, example='{"名称": "…"}')


class CellTooLongError(TableError):
    """One cell, or one line, longer than the limits allow."""

    code = "table_cell_too_long"
    message = Bilingual(
        "第 {row} 行有单元格超过 {limit} 字，可能是引号不成对或文件有误。请检查该行。",
        "A cell in row {row} is longer than {limit} characters; perhaps quotes do not pair. Check that row.",
    )


class TooManyRowsError(TableError):
    """More rows than the limits, or the format, allow."""

    code = "table_too_many_rows"
    message = Bilingual(
        "数据超过 {limit} 行的上限。请拆分为几个文件。",
        "There are more than {limit} rows. Split them into several files.",
    )


class TooManyColumnsError(TableError):
    """More columns than the limits allow."""

    code = "table_too_many_columns"
    message = Bilingual(
        "第 {row} 行超过 {limit} 列的上限。请删除不需要的列。",
        "Row {row} has more than {limit} columns. Delete the columns that are not needed.",
    )


class TooManyBlankRowsError(TableError):
    """A long run of blank rows, as a sheet formatted down to its last row has."""

    code = "table_blank_rows"
    message = Bilingual(
        "第 {row} 行之后有超过 {limit} 个连续空行。"
        "请删除多余的空行（选中空行—右键—删除）并保存，或把数据复制到新工作簿。",
        "More than {limit} blank rows follow row {row}. Delete them (select them, right click, Delete) and save, or "
        "copy the data into a new workbook.",
    )


class BlankHeaderError(TableError):
    """A column without a name between named ones."""

    code = "table_header_blank"
    message = Bilingual(
        "表头（第 {row} 行）的第 {column} 列没有名称。请补上列名，或删除该列。",
        "Column {column} has no name in the header (row {row}). Name it or delete the column.",
    )


class DuplicateHeaderError(TableError):
    """Two columns of one name."""

    code = "table_header_duplicate"
    message = Bilingual(
        "表头中“{name}”出现了不止一次。请只保留一列，或改成不同的列名。",
        "“{name}” stands more than once in the header. Keep one column or name them differently.",
    )


class MergedHeaderError(TableError):
    """Merged cells in the header row, so that columns cannot be told apart."""

    code = "table_header_merged"
    message = Bilingual(
        "表头（第 {row} 行）含有合并单元格 {range}。首行应是表头，每列一格：请取消合并，并删除表头上方的标题行。",
        "The header (row {row}) has merged cells {range}. The first row must be the header, one cell a column: unmerge "
        "them and delete title rows above the header.",
    )


class HeaderCellError(TableError):
    """A header cell that holds a formula or an error instead of a name."""

    code = "table_header_cell"
    message = Bilingual(
        "表头（第 {row} 行）第 {column} 列不能用作列名：{reason}。",
        "Column {column} of the header (row {row}) cannot be a column name: {reason}.",
    )


class SheetNotFoundError(TableError):
    """The sheet named does not exist."""

    code = "table_sheet_not_found"
    message = Bilingual(
        "没有名为“{name}”的工作表；文件中有：{sheets}。", "There is no sheet “{name}”; the file has: {sheets}."
    )
    status = 404


class AmbiguousColumnsError(TableError):
    """Two columns that mean the same field, or one column that means two."""

    code = "table_columns_ambiguous"
    message = Bilingual(
        "列 {columns} 都可理解为字段“{field}”。请只保留一列，或改列名。",
        "The columns {columns} all mean the field “{field}”. Keep one of them or rename the others.",
    )


class UnknownColumnsError(TableError):
    """Not one column is known: most likely the first row is no header."""

    code = "table_columns_unknown"
    message = Bilingual(
        "没有一列可以识别。首行应是表头，列名如：{expected}。可下载模板对照。",
        "No column is known. The first row must be the header, with names such as: {expected}. See the template.",
    )


class MissingColumnsError(TableError):
    """Columns of required fields are not there."""

    code = "table_columns_missing"
    message = Bilingual(
        "缺少必需的列：{missing}。请按模板补上。",
        "Required columns are missing: {missing}. Add them as in the template.",
    )


class ColumnUnitError(TableError):
    """A money column whose header names a currency other than the yuan."""

    code = "table_column_unit"
    message = Bilingual(
        "列“{column}”的单位不是人民币。请换算为人民币，列名可写“（元）”“（万元）”或“（亿元）”。",
        "The column “{column}” is not in CNY. Convert the amounts; the header may say （元）, （万元） or （亿元）.",
    )
