#include "room/ring.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.h"
#include "protocol/chat_prefix.h"
#include "websocket/frame.h"

namespace spillway::room {
namespace {

constexpr std::size_t kBytesMin = 512;
constexpr std::size_t kIndexMin = 8;

}  // namespace

void Ring::reset(std::uint64_t next_seq) {
  first_seq_ = next_seq;
  next_seq_ = next_seq;
  head_ = 0;
  capacity_ = 0;
  bytes_.reset();
  starts_ = std::vector<std::uint64_t>();  // `= {}` would keep the memory
}

void Ring::append(std::string_view line) {
  std::array<char, protocol::kChatPrefixBytesMax> prefix{};
  const std::size_t prefix_bytes = protocol::write_chat_prefix(prefix.data(), next_seq_);
  append_json({prefix.data(), prefix_bytes}, line.substr(1));  // without its own opening brace
}

// The message's JSON comes in two pieces, so that nobody has to join them first.
void Ring::append_json(std::string_view head, std::string_view rest) {
  const std::size_t json_bytes = head.size() + rest.size();
  std::array<char, websocket::kServerHeaderBytesMax> header{};
  const std::size_t header_bytes =
      form_ == WireForm::kPlain
          ? websocket::write_frame_header(header.data(), websocket::Opcode::kText, json_bytes)
          : 0;
  const std::string_view separator = form_ == WireForm::kCoalesced ? "," : "";

  reserve(header_bytes + json_bytes + separator.size());
  starts_[next_seq_ % starts_.size()] = head_;
  put({header.data(), header_bytes});
  put(head);
  put(rest);
  put(separator);
  ++next_seq_;
}

void Ring::copy_from(const Ring& other) {
  reset(other.first_seq());
  for (std::uint64_t seq = other.first_seq(); seq < other.next_seq(); ++seq) {
    append_json(other.json(seq), {});
  }
}

std::string Ring::json(std::uint64_t seq) const {
  std::string message;
  for (const std::string_view piece : bytes(seq, seq + 1)) message += piece;
  if (form_ == WireForm::kCoalesced) {
    message.pop_back();
  } else {
    // The second byte of an unmasked header holds the length, or says how many bytes do.
    const auto length = static_cast<unsigned char>(message[1]);
    message.erase(0, length == 126 ? 4 : length == 127 ? 10 : 2);
  }
  return message;
}

// Room for one more message of `bytes`.
void Ring::reserve(std::size_t bytes) {
  if (next_seq_ - first_seq_ == starts_.size()) {
    resize_index(std::max(kIndexMin, starts_.size() * 2));
  }
  const std::size_t needed = size(first_seq_, next_seq_) + bytes;
  if (needed > capacity_) resize_bytes(std::max(kBytesMin, std::bit_ceil(needed)));
}

void Ring::put(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::size_t at = head_ % capacity_;
  const std::size_t before_wrap = std::min(bytes.size(), capacity_ - at);
  std::memcpy(bytes_.get() + at, bytes.data(), before_wrap);
  std::memcpy(bytes_.get(), bytes.data() + before_wrap, bytes.size() - before_wrap);
  head_ += bytes.size();
}

void Ring::drop_before(std::uint64_t seq) {
  first_seq_ = std::clamp(seq, first_seq_, next_seq_);
  if (empty()) {
    reset(next_seq_);
    return;
  }
  const std::size_t used = size(first_seq_, next_seq_);
  // An eighth leaves room for growth, so that a ring at its working size never goes back and forth.
  if (capacity_ > kBytesMin && used <= capacity_ / 8) resize_bytes(capacity_ / 4);
  const std::uint64_t count = next_seq_ - first_seq_;
  if (starts_.size() > kIndexMin && count <= starts_.size() / 8) resize_index(starts_.size() / 4);
}

std::array<std::string_view, 2> Ring::bytes(std::uint64_t from, std::uint64_t to) const {
  CHECK(first_seq_ <= from && from <= to && to <= next_seq_);
  if (from == to) return {};
  const std::size_t length = size(from, to);
  const std::size_t at = start_of(from) % capacity_;
  const std::size_t before_wrap = std::min(length, capacity_ - at);
  return {std::string_view(bytes_.get() + at, before_wrap),
          std::string_view(bytes_.get(), length - before_wrap)};
}

std::size_t Ring::size(std::uint64_t from, std::uint64_t to) const {
  return static_cast<std::size_t>(start_of(to) - start_of(from));
}

std::uint64_t Ring::fit(std::uint64_t from, std::uint64_t limit, std::size_t bytes_max) const {
  if (from >= limit || size(from, limit) <= bytes_max) return limit;
  // message_at(from, n) is the message that byte n belongs to: the first that does not fit whole.
  return std::max(from + 1, message_at(from, bytes_max));
}

std::uint64_t Ring::message_at(std::uint64_t from, std::size_t offset) const {
  const std::uint64_t target = start_of(from) + offset;
  std::uint64_t low = from;
  std::uint64_t high = next_seq_;
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    (start_of(middle) <= target ? low : high) = middle;
  }
  return low;
}

std::uint64_t Ring::start_of(std::uint64_t seq) const {
  return seq == next_seq_ ? head_ : starts_[seq % starts_.size()];
}

void Ring::resize_bytes(std::size_t capacity) {
  const auto pieces = bytes(first_seq_, next_seq_);
  auto fresh = std::make_unique_for_overwrite<char[]>(capacity);
  std::uint64_t offset = start_of(first_seq_);
  for (const std::string_view piece : pieces) {
    // A piece may wrap in the new memory as well.
    const std::size_t at = offset % capacity;
    const std::size_t before_wrap = std::min(piece.size(), capacity - at);
    if (before_wrap > 0) std::memcpy(fresh.get() + at, piece.data(), before_wrap);
    if (piece.size() > before_wrap) {
      std::memcpy(fresh.get(), piece.data() + before_wrap, piece.size() - before_wrap);
    }
    offset += piece.size();
  }
  bytes_ = std::move(fresh);
  capacity_ = capacity;
}

void Ring::resize_index(std::size_t capacity) {
  std::vector<std::uint64_t> fresh(capacity);
  for (std::uint64_t seq = first_seq_; seq < next_seq_; ++seq)
    fresh[seq % capacity] = start_of(seq);
  starts_ = std::move(fresh);
}

}  // namespace spillway::room
