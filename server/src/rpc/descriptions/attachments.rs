//! What is wrong with an upload, in Chinese.

/// English and Chinese.
pub(super) const SENTENCES: &[(&str, &str)] = &[
    ("is a media type that the server takes", "须为服务器接受的媒体类型"),
    ("has {} hexadecimal digits", "须为 {} 位十六进制数字"),
    ("has {} attachments, which is the most", "已有 {} 个附件，达到上限"),
    ("has {} to {} bytes", "须为 {} 至 {} 字节"),
    ("cannot be read", "无法读取"),
    ("is less than the bytes that came", "小于实际收到的字节数"),
    ("is more than the bytes that came", "大于实际收到的字节数"),
    ("is not that of the bytes", "与文件内容不符"),
    ("is required: the id of an attachment, as the ticket shows it", "必填：工单上显示的附件编号"),
];
