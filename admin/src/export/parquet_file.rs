//! Records as Parquet, a group of rows at a time. Times are UTC in microseconds; a cell that is absent is null.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;

use super::column::{Cell, ExportColumn, Kind, Row};
use crate::failure::Failure;

/// The records that are held in memory until they are written.
const GROUP_ROWS: usize = 20_000;

fn failure(error: &ParquetError) -> Failure {
    Failure::about("Parquet", error)
}

/// The schema in Parquet's language.
fn schema(columns: &[ExportColumn]) -> String {
    let fields = columns.iter().map(|(name, kind)| {
        let (of, annotation) = match kind {
            Kind::Text => ("BYTE_ARRAY", " (STRING)"),
            Kind::Integer => ("INT64", ""),
            Kind::Number => ("DOUBLE", ""),
            Kind::Boolean => ("BOOLEAN", ""),
            Kind::Time => ("INT64", " (TIMESTAMP(MICROS,true))"),
        };
        format!("OPTIONAL {of} {name}{annotation};")
    });
    format!("message record {{ {} }}", fields.collect::<Vec<_>>().join(" "))
}

pub(super) fn write(
    file: impl Write + Send,
    columns: &[ExportColumn],
    rows: impl Iterator<Item = Result<Row, Failure>>,
) -> Result<(), Failure> {
    let schema = parse_message_type(&schema(columns)).map_err(|error| failure(&error))?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties))
        .map_err(|error| failure(&error))?;
    let mut group = Vec::with_capacity(GROUP_ROWS);
    for row in rows {
        group.push(row?);
        if group.len() == GROUP_ROWS {
            write_group(&mut writer, columns, &group).map_err(|error| failure(&error))?;
            group.clear();
        }
    }
    if !group.is_empty() {
        write_group(&mut writer, columns, &group).map_err(|error| failure(&error))?;
    }
    writer.close().map(|_| ()).map_err(|error| failure(&error))
}

fn write_group<W: Write + Send>(
    writer: &mut SerializedFileWriter<W>,
    columns: &[ExportColumn],
    group: &[Row],
) -> Result<(), ParquetError> {
    let mut rows = writer.next_row_group()?;
    for (place, (_, kind)) in columns.iter().enumerate() {
        let Some(column) = rows.next_column()? else { break };
        let cells = group.iter().map(|row| row.get(place).unwrap_or(&Cell::Absent));
        match kind {
            Kind::Text => write_column::<ByteArrayType>(column, cells, |cell| match cell {
                Cell::Text(text) => Some(ByteArray::from(text.clone().into_bytes())),
                _ => None,
            })?,
            Kind::Integer | Kind::Time => write_column::<Int64Type>(column, cells, |cell| match cell {
                Cell::Integer(value) => Some(*value),
                _ => None,
            })?,
            Kind::Number => write_column::<DoubleType>(column, cells, |cell| match cell {
                Cell::Number(value) => Some(*value),
                _ => None,
            })?,
            Kind::Boolean => write_column::<BoolType>(column, cells, |cell| match cell {
                Cell::Boolean(value) => Some(*value),
                _ => None,
            })?,
        }
    }
    rows.close().map(|_| ())
}

fn write_column<'a, T: DataType>(
    mut column: SerializedColumnWriter<'_>,
    cells: impl Iterator<Item = &'a Cell>,
    value: impl Fn(&Cell) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    for cell in cells {
        let found = value(cell);
        levels.push(i16::from(found.is_some()));
        values.extend(found);
    }
    column.typed::<T>().write_batch(&values, Some(&levels), None)?;
    column.close()
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader as _, SerializedFileReader};

    use super::*;

    #[test]
    fn records_are_read_again_as_they_were() {
        let columns = [
            ("number", Kind::Text),
            ("received_time", Kind::Time),
            ("returns", Kind::Integer),
            ("share", Kind::Number),
            ("is_open", Kind::Boolean),
        ];
        let row = |number: i64| {
            let text = if number % 2 == 0 { Cell::text(number) } else { Cell::Absent };
            vec![text, Cell::Integer(number), Cell::Integer(number), Cell::Number(0.5), Cell::Boolean(true)]
        };
        let file = tempfile::NamedTempFile::new().expect("a file");
        let rows = (0..45_000).map(|number| Ok(row(number)));
        write(file.reopen().expect("a file"), &columns, rows).expect("Parquet");
        let reader = SerializedFileReader::new(file.reopen().expect("a file")).expect("Parquet");
        assert_eq!(reader.num_row_groups(), 3);
        assert_eq!(reader.metadata().file_metadata().num_rows(), 45_000);
        let read: Vec<_> =
            reader.get_row_iter(None).expect("rows").take(2).map(|row| row.expect("a row")).collect();
        let first = read[0].to_string();
        assert!(first.contains("number: \"0\"") && first.contains("is_open: true"), "{first}");
        assert!(read[1].to_string().contains("number: null"), "{}", read[1]);
    }
}
