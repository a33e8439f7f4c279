// What is said first on a new connection to Redis: who we are, which database, who is there.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "redis/client.h"
#include "redis/command.h"
#include "redis/reply.h"

namespace spillway::redis {

// What the Redis at the other end must be.
enum class Role {
  kAny,
  kMaster,  // a Sentinel said so, and may not know yet that it is none any more
};

// Sans-I/O. Owned by a Connection, one an attempt. All commands go in one write.
class Greeting {
 public:
  Greeting(const Url& url, const std::string& client_name, Role role);

  // The commands, as RESP.
  const std::string& bytes() const { return bytes_; }

  // The next reply. A value after the last one; an Error, in one sentence that names the mend, if
  // Redis cannot be used like this.
  Result<std::optional<Connected>> receive(const Reply& reply);

 private:
  enum class Step { kAuth, kSelect, kName, kPing, kRole, kInfo };

  void add(Step step, const Command& command);
  Result<std::optional<Connected>> finish(const Reply& info);

  std::string where_;        // "Redis at …", the subject of every error
  std::vector<Step> steps_;  // in the order of their commands
  std::size_t answered_ = 0;
  std::string bytes_;
};

}  // namespace spillway::redis
