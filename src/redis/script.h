// A Lua script that Redis keeps by its digest.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "redis/client.h"

namespace spillway::redis {

// A value that must outlive the Clients it is used with. EVALSHA first; a Redis that does not know
// the script yet gets its text with EVAL. Never FUNCTION: that would swap code under servers of
// another release.
class Script {
 public:
  explicit Script(std::string text);

  // `on_answer` comes once, whichever way was taken; each way has the whole `timeout`. The second
  // way is a new command, so it may overtake nothing but may be overtaken by commands sent after
  // this one.
  [[nodiscard]] Client::Sent eval(Client& client, std::vector<std::string> keys,
                                  std::vector<std::string> args, OnAnswer on_answer,
                                  std::optional<std::chrono::milliseconds> timeout = {}) const;

  const std::string& sha1() const { return sha1_; }  // 40 lower-case hexadecimal digits

 private:
  std::string text_;
  std::string sha1_;
};

}  // namespace spillway::redis
