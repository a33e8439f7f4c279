#include "websocket/message_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "websocket/close_code.h"
#include "websocket/mask.h"
#include "websocket/message_assembly.h"
#include "websocket/utf8_stream.h"

namespace spillway::websocket {

// What stands between two calls. It lives while any of its parts does.
struct MessageReader::Kept {
  std::array<char, kHeaderBytesMax> header;  // the beginning of a header
  std::size_t header_bytes = 0;

  std::optional<FrameHeader> frame;  // its payload is not whole yet
  std::uint64_t frame_bytes = 0;     // of its payload, taken
  std::array<char, kControlBytesMax> control;

  std::optional<MessageAssembly> message;  // begun, or just delivered
  bool delivered = false;
};

namespace {

// A message no server of ours would hold; also keeps sums of lengths far from overflow.
constexpr std::size_t kMessageBytesCeiling = std::size_t{1} << 30U;

std::span<char> take(std::span<char>& input, std::uint64_t bytes_max) {
  const std::span<char> taken = input.first(std::min<std::uint64_t>(bytes_max, input.size()));
  input = input.subspan(taken.size());
  return taken;
}

std::string_view view(std::span<const char> bytes) { return {bytes.data(), bytes.size()}; }

Event close_event(std::span<const char> payload) {
  if (payload.empty()) return Close{kNoStatus, {}};
  if (payload.size() == 1) return Failure{kProtocolError, "close code cut short"};
  const auto code = static_cast<std::uint16_t>(static_cast<std::uint8_t>(payload[0]) << 8U |
                                               static_cast<std::uint8_t>(payload[1]));
  if (!may_be_sent(code)) return Failure{kProtocolError, "invalid close code"};
  const std::string_view reason = view(payload.subspan(2));
  if (!is_utf8(reason)) return Failure{kInvalidPayload, "close reason is not UTF-8"};
  return Close{code, reason};
}

Event control_event(Opcode opcode, std::span<char> payload) {
  if (opcode == Opcode::kPing) return Ping{payload};
  if (opcode == Opcode::kPong) return Pong{payload};
  return close_event(payload);
}

Event whole_message(Opcode opcode, std::span<char> payload) {
  if (opcode == Opcode::kText && !is_utf8(view(payload))) {
    return Failure{kInvalidPayload, "text is not UTF-8"};
  }
  return Message{opcode, payload};
}

}  // namespace

MessageReader::MessageReader(const ReaderOptions& options)
    : message_bytes_max_(options.message_bytes_max),
      role_(options.role),
      deflate_(options.deflate),
      allow_binary_(options.allow_binary) {
  CHECK(message_bytes_max_ <= kMessageBytesCeiling);
}

MessageReader::~MessageReader() = default;
MessageReader::MessageReader(MessageReader&&) noexcept = default;
MessageReader& MessageReader::operator=(MessageReader&&) noexcept = default;

Event MessageReader::next(std::span<char>& input, Inflater* inflater) {
  CHECK(!deflate_ || inflater != nullptr);
  release_delivered();
  std::optional<Event> event;
  while (!event && !done_) {
    const bool in_frame = kept_ != nullptr && kept_->frame;
    event = in_frame ? continue_frame(input, inflater) : begin_frame(input);
  }
  if (!event || std::holds_alternative<Failure>(*event)) {
    kept_.reset();
    input = {};
  }
  if (!event) return NeedMore{};
  done_ = std::holds_alternative<Failure>(*event) || std::holds_alternative<Close>(*event);
  return *event;
}

// Reads a header. The payload is answered where it lies if it is whole and plain; else the frame
// is kept, and continue_frame() takes it.
std::optional<Event> MessageReader::begin_frame(std::span<char>& input) {
  const auto found = read_header(input);
  if (std::holds_alternative<NeedMore>(found)) return NeedMore{};
  if (const auto* failure = std::get_if<Failure>(&found)) return *failure;
  const FrameHeader& header = *std::get_if<FrameHeader>(&found);
  ++frames_;

  const bool continues = header.opcode == Opcode::kContinuation;
  const bool control = is_control(header.opcode);
  const bool plain = control || (header.final && !header.compressed && !continues);
  if (plain && header.payload_bytes <= input.size()) {
    const std::span<char> payload = take(input, header.payload_bytes);
    apply_mask(payload, header.mask);
    return control ? control_event(header.opcode, payload) : whole_message(header.opcode, payload);
  }
  Kept& kept = keep();
  kept.frame = header;
  kept.frame_bytes = 0;
  if (!control) {
    if (!continues) kept.message.emplace(header.opcode, header.compressed);
    kept.message->announce(header.payload_bytes);
  }
  return std::nullopt;
}

std::optional<Event> MessageReader::continue_frame(std::span<char>& input, Inflater* inflater) {
  Kept& kept = *kept_;
  const FrameHeader frame = *kept.frame;
  const std::uint64_t before = kept.frame_bytes;
  const std::span<char> bytes = take(input, frame.payload_bytes - before);
  apply_mask(bytes, frame.mask, before);
  kept.frame_bytes += bytes.size();
  const bool whole = kept.frame_bytes == frame.payload_bytes;
  if (whole) kept.frame.reset();

  if (is_control(frame.opcode)) {
    std::copy(bytes.begin(), bytes.end(), kept.control.data() + before);
    if (!whole) return NeedMore{};
    return control_event(frame.opcode, std::span(kept.control).first(frame.payload_bytes));
  }
  const bool last = whole && frame.final;
  if (auto failure = kept.message->add(bytes, last, message_bytes_max_, inflater)) return *failure;
  if (!whole) return NeedMore{};
  if (!last) return std::nullopt;
  kept.delivered = true;
  return kept.message->message();
}

std::variant<NeedMore, FrameHeader, Failure> MessageReader::read_header(std::span<char>& input) {
  const std::size_t kept_bytes = kept_ == nullptr ? 0 : kept_->header_bytes;
  std::array<char, kHeaderBytesMax> joined;
  std::span<const char> bytes = input;
  if (kept_bytes > 0) {
    const std::size_t more = std::min(joined.size() - kept_bytes, input.size());
    std::copy_n(kept_->header.data(), kept_bytes, joined.data());
    std::copy_n(input.data(), more, joined.data() + kept_bytes);
    bytes = std::span(joined).first(kept_bytes + more);
  }
  auto found = parse_frame_header(bytes, rules());
  if (const auto* header = std::get_if<FrameHeader>(&found)) {
    take(input, header->header_bytes - kept_bytes);
    if (kept_bytes > 0) kept_->header_bytes = 0;
  } else if (std::holds_alternative<NeedMore>(found) && !input.empty()) {
    Kept& kept = keep();
    std::copy(bytes.begin(), bytes.end(), kept.header.begin());
    kept.header_bytes = bytes.size();
    input = {};
  }
  return found;
}

FrameRules MessageReader::rules() const {
  const bool in_message = kept_ != nullptr && kept_->message;
  const std::uint64_t taken = in_message ? kept_->message->announced_bytes() : 0;
  const bool compressed = in_message && kept_->message->compressed();
  return {.masked = role_ == ReaderOptions::Role::kServer,
          .deflate = deflate_,
          .allow_binary = allow_binary_,
          .in_message = in_message,
          .plain_bytes_left = compressed ? 0 : message_bytes_max_ - taken,
          .compressed_bytes_left =
              in_message && !compressed ? 0 : compressed_bytes_max(message_bytes_max_) - taken,
          .message_compressed = compressed};
}

MessageReader::Kept& MessageReader::keep() {
  if (kept_ == nullptr) kept_ = std::make_unique<Kept>();
  return *kept_;
}

// Frees what the last event pointed to, and everything once nothing is begun.
void MessageReader::release_delivered() {
  if (kept_ == nullptr) return;
  if (std::exchange(kept_->delivered, false)) kept_->message.reset();
  if (!kept_->frame && !kept_->message && kept_->header_bytes == 0) kept_.reset();
}

}  // namespace spillway::websocket
