#define ZLIB_CONST  // next_in points to const

#include "websocket/deflate.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/check.h"

namespace spillway::websocket {

namespace {

// What RFC 7692 section 7.2.1 has the sender cut off: the rest of an empty stored block.
constexpr std::array<char, 4> kTail = {0, 0, '\xFF', '\xFF'};

constexpr std::size_t kBlockBytes = 16 * 1024;
using Block = std::array<char, kBlockBytes>;

// Negative: raw DEFLATE. zlib cannot deflate with 8 bits, but with 9 it never looks back further
// than 512 - 262 = 250 bytes, which a window of 256 has too; and inflating with 9 takes all that
// 8 can say.
int raw_window_bits(int window_bits) {
  CHECK(window_bits >= 8 && window_bits <= 15);
  return -std::max(window_bits, 9);
}

void set_input(z_stream& stream, std::string_view in) {
  CHECK(in.size() <= std::numeric_limits<uInt>::max());
  stream.next_in = reinterpret_cast<const Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
}

void set_output(z_stream& stream, Block& block, std::size_t bytes) {
  stream.next_out = reinterpret_cast<Bytef*>(block.data());
  stream.avail_out = static_cast<uInt>(bytes);
}

}  // namespace

void Inflater::End::operator()(z_stream_s* stream) const {
  inflateEnd(stream);
  delete stream;
}

Inflater::Inflater(int window_bits, bool context_takeover)
    : stream_(new z_stream{}), context_takeover_(context_takeover) {
  CHECK(inflateInit2(stream_.get(), raw_window_bits(window_bits)) == Z_OK);
}

Inflated Inflater::inflate(std::span<const char> in, bool final, std::size_t bytes_max,
                           std::string& out) {
  CHECK(final || context_takeover_);
  Inflated result = run(in, bytes_max, out);
  if (result == Inflated::kOk && final) {
    result = run(kTail, bytes_max, out);
    // Elsewhere than between two blocks the message was cut short, and the tail was read as
    // something else.
    if (result == Inflated::kOk && !between_blocks()) result = Inflated::kCorrupt;
  }
  if (!context_takeover_) CHECK(inflateReset(stream_.get()) == Z_OK);
  return result;
}

Inflated Inflater::run(std::span<const char> in, std::size_t bytes_max, std::string& out) {
  if (in.empty()) return Inflated::kOk;
  CHECK(out.size() <= bytes_max);
  z_stream& stream = *stream_;
  set_input(stream, {in.data(), in.size()});
  Block block;
  do {
    const std::size_t left = bytes_max - out.size();
    const std::size_t room = left < block.size() ? left + 1 : block.size();
    set_output(stream, block, room);
    const int code = ::inflate(&stream, Z_SYNC_FLUSH);
    const std::size_t made = room - stream.avail_out;
    out.append(block.data(), std::min(made, left));
    if (made > left) return Inflated::kOverLimit;
    if (code == Z_STREAM_END) {
      // A final block ends the DEFLATE stream but not the message, and keeps the window (section
      // 7.2.3.4).
      CHECK(inflateResetKeep(&stream) == Z_OK);
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      return Inflated::kCorrupt;
    }
  } while (stream.avail_in > 0 || stream.avail_out == 0);
  return Inflated::kOk;
}

// By zlib's documentation of inflate() with Z_BLOCK: 128 is "between blocks", the low bits count
// the input bits not used yet.
bool Inflater::between_blocks() const { return (stream_->data_type & (128 | 63)) == 128; }

void Deflater::End::operator()(z_stream_s* stream) const {
  deflateEnd(stream);
  delete stream;
}

Deflater::Deflater(int level, int window_bits, bool context_takeover)
    : stream_(new z_stream{}), context_takeover_(context_takeover) {
  CHECK(level >= 1 && level <= 9);
  constexpr int kMemoryLevel = 8;
  CHECK(deflateInit2(stream_.get(), level, Z_DEFLATED, raw_window_bits(window_bits), kMemoryLevel,
                     Z_DEFAULT_STRATEGY) == Z_OK);
}

void Deflater::deflate(std::string_view message, std::string& out) {
  if (message.empty()) {
    // zlib has nothing to flush here (after another flush it even says so); section 7.2.3.6 has
    // the form.
    out.push_back('\0');
    return;
  }
  z_stream& stream = *stream_;
  set_input(stream, message);
  Block block;
  do {
    set_output(stream, block, block.size());
    const int code = ::deflate(&stream, Z_SYNC_FLUSH);
    CHECK(code == Z_OK || code == Z_BUF_ERROR);
    out.append(block.data(), block.size() - stream.avail_out);
  } while (stream.avail_out == 0);
  CHECK(std::string_view(out).ends_with(std::string_view(kTail.data(), kTail.size())));
  out.resize(out.size() - kTail.size());
  if (!context_takeover_) CHECK(deflateReset(&stream) == Z_OK);
}

}  // namespace spillway::websocket
