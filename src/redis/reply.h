// What Redis answered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

struct redisReply;  // hiredis

namespace spillway::redis {

// One node of a reply, owned by a Reply, which must outlive it. Asking a node for what it is not
// gives the empty answer: an index past the end is nil, the text of an array is empty. So code that
// reads a reply needs no checks of shape before it, only of what it got.
class ReplyView {
 public:
  ReplyView() = default;  // nil
  explicit ReplyView(const redisReply* node) : node_(node) {}

  bool is_error() const;
  std::string_view error_text() const;  // such as "NOSCRIPT No matching script."
  bool is_nil() const;
  bool is_text() const;
  bool is_array() const;
  std::string_view text() const;                // a bulk or a simple string
  std::optional<std::int64_t> integer() const;  // an integer, or a text that is one
  std::size_t size() const;                     // the elements of an array
  ReplyView operator[](std::size_t index) const;

 private:
  const redisReply* node_ = nullptr;
};

// A reply with all its nodes. Move-only; what was moved from is nil.
class Reply {
 public:
  Reply() = default;                                   // nil
  explicit Reply(redisReply* owned) : node_(owned) {}  // takes ownership
  Reply(Reply&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  Reply& operator=(Reply&& other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~Reply();

  ReplyView view() const { return ReplyView(node_); }

  bool is_error() const { return view().is_error(); }
  std::string_view error_text() const { return view().error_text(); }
  bool is_nil() const { return view().is_nil(); }
  bool is_text() const { return view().is_text(); }
  bool is_array() const { return view().is_array(); }
  std::string_view text() const { return view().text(); }
  std::optional<std::int64_t> integer() const { return view().integer(); }
  std::size_t size() const { return view().size(); }
  ReplyView operator[](std::size_t index) const { return view()[index]; }

 private:
  redisReply* node_ = nullptr;
};

}  // namespace spillway::redis
