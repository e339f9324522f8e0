/** A program of Linux on x86-64, without any library, that prints a text and ends. */
export function tinyBinary(text: string): Buffer {
  const message = Buffer.from(text)
  const start = 0x400000
  const code = Buffer.from([
    0xb8, 1, 0, 0, 0, // mov eax, 1 (write)
    0xbf, 1, 0, 0, 0, // mov edi, 1
    0xbe, 0, 0, 0, 0, // mov esi, message
    0xba, 0, 0, 0, 0, // mov edx, length
    0x0f, 0x05, // syscall
    0xb8, 60, 0, 0, 0, // mov eax, 60 (exit)
    0x31, 0xff, // xor edi, edi
    0x0f, 0x05, // syscall
  ]) // prettier-ignore
  const header = Buffer.alloc(120)
  code.writeUInt32LE(start + header.length + code.length, 11)
  code.writeUInt32LE(message.length, 16)
  header.write('\x7fELF\x02\x01\x01', 'latin1')
  header.writeUInt16LE(2, 16) // an executable
  header.writeUInt16LE(62, 18) // x86-64
  header.writeUInt32LE(1, 20)
  header.writeBigUInt64LE(BigInt(start + header.length), 24) // entry
  header.writeBigUInt64LE(64n, 32) // program headers
  for (const [at, value] of [[52, 64], [54, 56], [56, 1]] as const) header.writeUInt16LE(value, at) // prettier-ignore
  const size = BigInt(header.length + code.length + message.length)
  header.writeUInt32LE(1, 64) // load
  header.writeUInt32LE(5, 68) // read and execute
  for (const [at, value] of [
    [72, 0n],
    [80, BigInt(start)],
    [88, BigInt(start)],
    [96, size],
    [104, size],
    [112, 4096n],
  ] as const)
    // prettier-ignore
    header.writeBigUInt64LE(value, at)
  return Buffer.concat([header, code, message])
}
