//! A small answer that unpacks to a large one.

/// How many bytes it unpacks to, about.
const LARGE: usize = 32 << 20;

/// An HTTP answer of 200 KiB: gzip (RFC 1952) around one block with the fixed codes of
/// RFC 1951, 3.2.6: an `x`, and copies of it at the distance 1.
pub fn answer() -> Vec<u8> {
    let copies = LARGE / 258;
    let mut stream = Bits::default();
    stream.push(0b110, 3); // The last block (1), with fixed codes (01, backwards).
    stream.push(0b1010_1000, 8); // `x`
    for _ in 0..copies {
        stream.push(0b1100_0101, 8); // 258 bytes
        stream.push(0, 5); // at the distance 1
    }
    stream.push(0, 7); // The end.
    let plain = vec![b'x'; 1 + 258 * copies];
    let length = u32::try_from(plain.len()).expect("a length");
    let body = [
        &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255][..],
        &stream.bytes,
        &crc32fast::hash(&plain).to_le_bytes(),
        &length.to_le_bytes(),
    ]
    .concat();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n\
         Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), &body].concat()
}

/// Bits in the order of deflate: into each byte from its lowest bit.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    count: usize,
}

impl Bits {
    /// Adds a code of `length` bits, its highest bit first.
    fn push(&mut self, code: u16, length: u8) {
        for bit in (0..length).rev() {
            if self.count.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let bit = u8::from(code >> bit & 1 == 1) << (self.count % 8);
            *self.bytes.last_mut().expect("a byte") |= bit;
            self.count += 1;
        }
    }
}
