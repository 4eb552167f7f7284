"""As much of brotlicffi as httpbin asks for: a stream that is valid, and no shorter than its content."""

# RFC 7932, section 9.2: the length of a meta-block has at most 24 bits; 16 are enough here.
BLOCK = 1 << 16


def compress(data: bytes) -> bytes:
    stream = bytearray()
    # WBITS of 16 is one bit, zero, before the first meta-block.
    shift = 1
    for start in range(0, len(data), BLOCK):
        block = data[start : start + BLOCK]
        # ISLAST 0, MNIBBLES 4 (as 0), MLEN - 1, ISUNCOMPRESSED 1.
        head = (len(block) - 1) << 3 | 1 << 19
        stream += (head << shift).to_bytes(3, "little") + block
        shift = 0
    # ISLAST and ISLASTEMPTY.
    stream.append(3 << shift)
    return bytes(stream)
