#include "redis/reply.h"

#include <hiredis/hiredis.h>

#include <charconv>

namespace spillway::redis {
namespace {

bool is_type(const redisReply* node, int type) { return node != nullptr && node->type == type; }

std::string_view string_of(const redisReply& node) {
  return node.str == nullptr ? std::string_view() : std::string_view(node.str, node.len);
}

}  // namespace

bool ReplyView::is_error() const { return is_type(node_, REDIS_REPLY_ERROR); }

std::string_view ReplyView::error_text() const {
  return is_error() ? string_of(*node_) : std::string_view();
}

bool ReplyView::is_nil() const { return node_ == nullptr || is_type(node_, REDIS_REPLY_NIL); }

bool ReplyView::is_text() const {
  return is_type(node_, REDIS_REPLY_STRING) || is_type(node_, REDIS_REPLY_STATUS);
}

bool ReplyView::is_array() const { return is_type(node_, REDIS_REPLY_ARRAY); }

std::string_view ReplyView::text() const {
  return is_text() ? string_of(*node_) : std::string_view();
}

std::optional<std::int64_t> ReplyView::integer() const {
  if (is_type(node_, REDIS_REPLY_INTEGER)) return node_->integer;
  const std::string_view digits = text();
  const char* const end = digits.data() + digits.size();
  std::int64_t value = 0;
  const auto parsed = std::from_chars(digits.data(), end, value);
  if (digits.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return value;
}

std::size_t ReplyView::size() const { return is_array() ? node_->elements : 0; }

ReplyView ReplyView::operator[](std::size_t index) const {
  return index < size() ? ReplyView(node_->element[index]) : ReplyView();
}

Reply::~Reply() { freeReplyObject(node_); }

}  // namespace spillway::redis
