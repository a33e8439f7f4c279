// What the person who runs us can do about an error of Redis that any command may get.
#pragma once

#include <string_view>

namespace spillway::redis {

// Such as "is a replica: name the master", to stand behind "Redis". Empty: an error of another
// kind. Errors from inside a script are recognised too.
std::string_view mend(std::string_view error);

// Whether `error` means that a script did nothing at all: Redis takes no writes now, or no
// commands.
bool refused_whole(std::string_view error);

// Whether `error` means that Redis is a replica.
bool is_readonly(std::string_view error);

}  // namespace spillway::redis
