#include "dialects.h"

#include <fmt/core.h>

#include <charconv>

namespace spillway::bench {
namespace {

class Bare : public load::Dialect {
 public:
  bool binary() const override { return false; }
  std::string enter(std::string_view /*room*/) const override { return {}; }
  std::string say(std::string_view /*room*/, std::string_view message) const override {
    return std::string(message);
  }
  std::string hear(std::string& /*rest*/, std::string_view text,
                   const std::function<void(std::string_view)>& heard) const override {
    heard(text);
    return {};
  }
};

// Its protocol is lines: "MSG <subject> <id> <bytes>" has a payload behind it. A WebSocket message
// may hold several of them, or end within one.
class Nats : public load::Dialect {
 public:
  bool binary() const override { return true; }
  std::string enter(std::string_view room) const override {
    return fmt::format("CONNECT {{\"verbose\":false,\"pedantic\":false}}\r\nSUB {} 1\r\n", room);
  }
  std::string say(std::string_view room, std::string_view message) const override {
    return fmt::format("PUB {} {}\r\n{}\r\n", room, message.size(), message);
  }
  std::string hear(std::string& rest, std::string_view text,
                   const std::function<void(std::string_view)>& heard) const override {
    std::string joined;
    if (!rest.empty()) text = joined = std::move(rest).append(text);
    rest.clear();
    std::string answer;
    while (!text.empty()) {
      const std::size_t end = text.find(kEnd);
      if (end == std::string_view::npos) break;
      const std::string_view line = text.substr(0, end);
      std::size_t taken = end + kEnd.size();
      if (line.starts_with("MSG ")) {
        const std::size_t bytes = payload_bytes(line);
        if (text.size() < taken + bytes + kEnd.size()) break;
        heard(text.substr(taken, bytes));
        taken += bytes + kEnd.size();
      } else if (line == "PING") {
        answer += "PONG\r\n";
      }
      text.remove_prefix(taken);
    }
    rest.assign(text);
    return answer;
  }

 private:
  static constexpr std::string_view kEnd = "\r\n";

  static std::size_t payload_bytes(std::string_view line) {
    const std::string_view digits = line.substr(line.rfind(' ') + 1);
    std::size_t bytes = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), bytes);
    return bytes;
  }
};

}  // namespace

const load::Dialect* dialect(std::string_view name) {
  static const Bare bare;
  static const Nats nats;
  if (name == "bare") return &bare;
  if (name == "nats") return &nats;
  return nullptr;
}

}  // namespace spillway::bench
