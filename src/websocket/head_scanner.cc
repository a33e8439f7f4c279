#include "websocket/head_scanner.h"

namespace spillway::websocket {

HeadScanner::Found HeadScanner::feed(std::string_view bytes, std::size_t& consumed) {
  if (at_ == At::kEnd) *this = HeadScanner();
  for (consumed = 0; consumed < bytes.size() && at_ != At::kEnd; ++consumed) {
    if (kept_.size() + consumed == kHeadBytesMax) return Broken::kTooLarge;
    if (!take(bytes[consumed])) return Broken::kNotHttp;
  }
  const std::string_view taken = bytes.substr(0, consumed);
  if (at_ == At::kEnd && kept_.empty()) return Head{taken};
  kept_.append(taken);
  if (at_ == At::kEnd) return Head{kept_};
  return NeedMore{};
}

bool HeadScanner::take(char c) {
  const auto byte = static_cast<unsigned char>(c);
  switch (at_) {
    case At::kStart:  // a method's or HTTP's first letter
      at_ = At::kLine;
      return c >= 'A' && c <= 'Z';
    case At::kLineStart:
      if (c == ' ' || c == '\t') return false;  // a folded line, obsolete and a smuggler's tool
      [[fallthrough]];
    case At::kLine:
      if (c == '\r') {
        at_ = at_ == At::kLineStart ? At::kLastCr : At::kCr;
        return true;
      }
      at_ = At::kLine;
      return c == '\t' || (byte >= 0x20 && byte != 0x7F);
    case At::kCr:
      at_ = At::kLineStart;
      return c == '\n';
    case At::kLastCr:
      at_ = At::kEnd;
      return c == '\n';
    case At::kEnd:
      return false;
  }
  return false;
}

}  // namespace spillway::websocket
