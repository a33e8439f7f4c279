#include "websocket/message_assembly.h"

#include <string_view>

#include "base/check.h"
#include "websocket/close_code.h"

namespace spillway::websocket {

std::optional<Failure> MessageAssembly::add(std::span<const char> bytes, bool final,
                                            std::size_t bytes_max, Inflater* inflater) {
  if (compressed_) {
    CHECK(inflater != nullptr);
    return add_compressed(bytes, final, bytes_max, *inflater);
  }
  const std::size_t before = payload_.size();
  payload_.append(bytes.data(), bytes.size());
  return check_text(before, final);
}

std::optional<Failure> MessageAssembly::add_compressed(std::span<const char> bytes, bool final,
                                                       std::size_t bytes_max, Inflater& inflater) {
  const std::size_t before = payload_.size();
  // No bytes at all are no DEFLATE data, but some senders mean the empty message.
  const bool ends_data = final && announced_bytes_ > 0;
  Inflated inflated = Inflated::kOk;
  if (inflater.context_takeover()) {
    inflated = inflater.inflate(bytes, ends_data, bytes_max, payload_);
  } else if (final && deflated_.empty()) {
    if (ends_data) inflated = inflater.inflate(bytes, true, bytes_max, payload_);
  } else {
    deflated_.append(bytes.data(), bytes.size());
    if (final) inflated = inflater.inflate(deflated_, true, bytes_max, payload_);
  }
  // Text first: which rule was broken first must not depend on how the bytes were cut.
  if (auto failure = check_text(before, final && inflated == Inflated::kOk)) return failure;
  if (inflated == Inflated::kOverLimit) return Failure{kTooBig, "message too big"};
  if (inflated == Inflated::kCorrupt) return Failure{kInvalidPayload, "corrupt compressed data"};
  return std::nullopt;
}

std::optional<Failure> MessageAssembly::check_text(std::size_t from, bool final) {
  if (opcode_ != Opcode::kText) return std::nullopt;
  const bool valid = utf8_.feed(std::string_view(payload_).substr(from));
  if (valid && (!final || utf8_.complete())) return std::nullopt;
  return Failure{kInvalidPayload, "text is not UTF-8"};
}

}  // namespace spillway::websocket
