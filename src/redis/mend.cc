#include "redis/mend.h"

#include <array>
#include <string>

namespace spillway::redis {
namespace {

struct Known {
  std::string_view code;
  std::string_view sentence;
  bool whole;  // nothing was done
};

constexpr std::array kKnown{
    Known{"NOAUTH", "wants a password: write it in the URL, as in redis://:PASSWORD@host:port",
          true},
    Known{"LOADING", "is still loading its data: wait until it is ready", true},
    Known{"MASTERDOWN", "is a replica that has lost its master: use the master", true},
    Known{"READONLY", "is a replica and takes no writes: use the master", true},
    Known{"OOM", "has no memory left: raise its maxmemory", true},
    Known{"MISCONF",
          "cannot save to disk and takes no writes: mend what its log names, then BGSAVE", true},
    Known{"BUSY", "is busy with a script that does not end: SCRIPT KILL", true},
    Known{"NOREPLICAS", "has too few replicas to take writes: bring them back", true},
    Known{"NOPERM", "does not allow it to this user: extend its ACL", false},
    Known{"WRONGTYPE",
          "holds something else under this name: delete that key, or use another --redis-prefix",
          false},
    Known{"DENIED", "is in protected mode: give it a password, or bind it to loopback", true},
    Known{"ERR max number of clients", "has too many clients: raise its maxclients", true},
};

// Redis before 7 wraps a script's error: "ERR Error running script (...): ... -OOM command ...".
const Known* find(std::string_view error) {
  for (const Known& known : kKnown) {
    if (error.starts_with(known.code)) return &known;
    if (error.find(std::string(" -").append(known.code)) != std::string_view::npos) return &known;
  }
  return nullptr;
}

}  // namespace

std::string_view mend(std::string_view error) {
  const Known* const known = find(error);
  return known == nullptr ? std::string_view() : known->sentence;
}

bool refused_whole(std::string_view error) {
  const Known* const known = find(error);
  return known != nullptr && known->whole;
}

bool is_readonly(std::string_view error) {
  const Known* const known = find(error);
  return known != nullptr && known->code == "READONLY";
}

}  // namespace spillway::redis
