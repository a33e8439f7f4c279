// The encoded bytes of a room's newest messages, made once and written to every viewer from here.
//
// One ring a room, loop and wire form. Owned by its loop. Plain: whole WebSocket frames.
// Coalesced: the messages' JSON, each followed by a comma, so that any run of messages becomes an
// array by adding a frame header with `[` before it and `]` in place of its last comma.
// Bounded by what the hub tells its owner to keep (drop_before). Grows and shrinks by doubling.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::room {

enum class WireForm : std::uint8_t { kPlain, kCoalesced };

class Ring {
 public:
  explicit Ring(WireForm form) : form_(form) {}

  // Messages held are [first_seq, next_seq).
  std::uint64_t first_seq() const { return first_seq_; }
  std::uint64_t next_seq() const { return next_seq_; }
  bool empty() const { return first_seq_ == next_seq_; }

  // Empty, and the next message is `next_seq`.
  void reset(std::uint64_t next_seq);

  // Encodes one bus line as the message `next_seq()`.
  void append(std::string_view line);

  // Holds what `other`, of the other form, holds.
  void copy_from(const Ring& other);

  // Forgets the messages before `seq`.
  void drop_before(std::uint64_t seq);

  // The bytes of [from, to): two pieces where they wrap around, else the second is empty.
  // REQUIRES first_seq() <= from <= to <= next_seq(). Valid until the next append or drop.
  std::array<std::string_view, 2> bytes(std::uint64_t from, std::uint64_t to) const;

  // Length in bytes of [from, to).
  std::size_t size(std::uint64_t from, std::uint64_t to) const;

  // The largest `to` <= `limit` for which [from, to) has at most `bytes_max` bytes, but at least
  // one message.
  std::uint64_t fit(std::uint64_t from, std::uint64_t limit, std::size_t bytes_max) const;

  // The message that the byte `offset` after the start of `from` belongs to.
  std::uint64_t message_at(std::uint64_t from, std::size_t offset) const;

  std::size_t memory_bytes() const {
    return capacity_ + starts_.capacity() * sizeof(std::uint64_t);
  }

 private:
  std::uint64_t start_of(std::uint64_t seq) const;  // absolute offset; head_ for next_seq_
  void append_json(std::string_view head, std::string_view rest);
  std::string json(std::uint64_t seq) const;
  void reserve(std::size_t bytes);
  void put(std::string_view bytes);
  void resize_bytes(std::size_t capacity);
  void resize_index(std::size_t capacity);

  WireForm form_;
  std::uint64_t first_seq_ = 1;
  std::uint64_t next_seq_ = 1;
  std::uint64_t head_ = 0;             // absolute offset of the next byte; never wraps
  std::size_t capacity_ = 0;           // of bytes_, a power of two or 0
  std::unique_ptr<char[]> bytes_;      // byte at absolute offset o stands at o % capacity_
  std::vector<std::uint64_t> starts_;  // start of message s stands at s % size, a power of two
};

}  // namespace spillway::room
