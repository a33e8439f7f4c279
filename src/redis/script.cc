#include "redis/script.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>
#include <memory>
#include <utility>

namespace spillway::redis {
namespace {

std::string sha1_hex(std::string_view text) {
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::string hex;
  for (const unsigned char byte : digest) hex += fmt::format("{:02x}", byte);
  return hex;
}

// What a script is called with; kept until it is known that the text need not be sent.
struct Call {
  std::vector<std::string> keys;
  std::vector<std::string> args;

  Command command(std::string_view name, std::string_view script) const {
    Command command(name);
    command.arg(script).arg(keys.size());
    for (const std::string& key : keys) command.arg(key);
    for (const std::string& arg : args) command.arg(arg);
    return command;
  }
};

}  // namespace

Script::Script(std::string text) : text_(std::move(text)), sha1_(sha1_hex(text_)) {}

Client::Sent Script::eval(Client& client, std::vector<std::string> keys,
                          std::vector<std::string> args, OnAnswer on_answer,
                          std::optional<std::chrono::milliseconds> timeout) const {
  Call call{std::move(keys), std::move(args)};
  const Command by_digest = call.command("EVALSHA", sha1_);
  auto on_first = [this, &client, call = std::move(call), on_answer = std::move(on_answer),
                   timeout](Answer answer) {
    if (!answer.reply.error_text().starts_with("NOSCRIPT")) return on_answer(std::move(answer));
    const Command by_text = call.command("EVAL", text_);
    if (client.send(by_text, on_answer, timeout) != Client::Sent::kQueued) {
      on_answer({Fate::kNeverSent, Reply()});  // NOSCRIPT: nothing was executed
    }
  };
  return client.send(by_digest, std::move(on_first), timeout);
}

}  // namespace spillway::redis
