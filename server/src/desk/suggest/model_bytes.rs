//! A model as bytes, as the database keeps it. Bytes that are not a model are refused, whatever they are.

use super::features::{FEATURES, Rarity};
use super::model::{LABELS_MAX, Model, NO_ROW, TextForm};

/// The first bytes of a model, with the version of the form.
const MAGIC: &[u8; 8] = b"HLMODEL1";
/// The longest code of a label, in bytes.
const LABEL_BYTES_MAX: usize = 64;

/// Bytes that are not a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAModel;

impl Model {
    /// The bytes of the model.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.push(u8::from(self.form == TextForm::Counted));
        bytes.push(u8::try_from(self.labels.len()).unwrap_or(u8::MAX));
        for (label, (constant, scale)) in self.labels.iter().zip(self.constants.iter().zip(&self.scales)) {
            bytes.push(u8::try_from(label.len()).unwrap_or(u8::MAX));
            bytes.extend(label.as_bytes());
            bytes.extend(constant.to_le_bytes());
            bytes.extend(scale.to_le_bytes());
        }
        for feature in 0..FEATURES {
            let worth = self.rarity.0.get(feature).copied().unwrap_or_default();
            let has_row = self.row_of[feature] != NO_ROW;
            bytes.push(u8::from(worth > 0.0) | (u8::from(has_row) << 1));
            if worth > 0.0 {
                bytes.extend(worth.to_le_bytes());
            }
        }
        bytes.extend(self.weights.iter().flat_map(|weight| weight.to_le_bytes()));
        bytes
    }

    /// The model of these bytes.
    ///
    /// # Errors
    /// [`NotAModel`] if the bytes are not those of a model.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotAModel> {
        let mut reader = Reader(bytes);
        if reader.array::<8>()? != *MAGIC {
            return Err(NotAModel);
        }
        let form = match reader.byte()? {
            0 => TextForm::Weighted,
            1 => TextForm::Counted,
            _ => return Err(NotAModel),
        };
        let count = usize::from(reader.byte()?);
        if count > LABELS_MAX {
            return Err(NotAModel);
        }
        let (mut labels, mut constants, mut scales) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..count {
            labels.push(reader.label()?);
            constants.push(reader.real()?);
            scales.push(reader.real()?);
        }
        let (mut rarity, mut row_of, mut rows) = (vec![0.0; FEATURES], vec![NO_ROW; FEATURES], 0);
        for feature in 0..FEATURES {
            let parts = reader.byte()?;
            if parts > 3 {
                return Err(NotAModel);
            }
            if parts & 1 != 0 {
                rarity[feature] = reader.real()?;
            }
            if parts & 2 != 0 {
                row_of[feature] = rows;
                rows += 1;
            }
        }
        let (pairs, []) = reader.0.as_chunks::<2>() else { return Err(NotAModel) };
        if pairs.len() != rows as usize * count {
            return Err(NotAModel);
        }
        let weights = pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect();
        Ok(Self { form, labels, constants, scales, rarity: Rarity(rarity), row_of, weights })
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], NotAModel> {
        let (read, rest) = self.0.split_first_chunk::<N>().ok_or(NotAModel)?;
        self.0 = rest;
        Ok(*read)
    }

    fn byte(&mut self) -> Result<u8, NotAModel> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    fn real(&mut self) -> Result<f32, NotAModel> {
        let real = f32::from_le_bytes(self.array()?);
        if real.is_finite() { Ok(real) } else { Err(NotAModel) }
    }

    fn label(&mut self) -> Result<String, NotAModel> {
        let length = usize::from(self.byte()?);
        if length > LABEL_BYTES_MAX {
            return Err(NotAModel);
        }
        let (read, rest) = self.0.split_at_checked(length).ok_or(NotAModel)?;
        self.0 = rest;
        String::from_utf8(read.to_vec()).map_err(|_| NotAModel)
    }
}

#[cfg(test)]
mod tests {
    use super::super::learn::tests::trained;
    use super::*;

    #[test]
    fn a_model_comes_back_from_its_bytes() {
        let model = trained();
        let read = Model::from_bytes(&model.to_bytes()).expect("its own bytes");
        assert_eq!(read.to_bytes(), model.to_bytes());
        for body in ["路灯不亮了", "补办执照", "没有这样的词"] {
            assert_eq!(read.ranked("您好", body), model.ranked("您好", body));
        }
    }

    #[test]
    fn bytes_that_are_no_model_are_refused() {
        let bytes = trained().to_bytes();
        for length in [0, 7, 9, 20, bytes.len() / 2, bytes.len() - 1] {
            assert_eq!(Model::from_bytes(&bytes[..length]), Err(NotAModel), "{length}");
        }
        let more = [bytes.as_slice(), &[0, 0]].concat();
        assert_eq!(Model::from_bytes(&more), Err(NotAModel));
        for at in [0, 8, 9] {
            let mut changed = bytes.clone();
            changed[at] ^= 0xff;
            assert_eq!(Model::from_bytes(&changed), Err(NotAModel), "byte {at}");
        }
    }
}
