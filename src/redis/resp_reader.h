// Bytes from Redis in, whole replies out (RESP2).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "redis/reply.h"

struct redisReader;  // hiredis

namespace spillway::redis {

struct RespLimits {
  std::size_t reply_bytes_max = 64 * 1024 * 1024;  // of one reply on the wire
  std::size_t elements_max = 1024 * 1024;          // of all arrays of one reply together
};

// Sans-I/O. Owned by one connection; a new connection needs a new reader. Bounded by RespLimits
// and, in depth, by hiredis (7 arrays inside each other).
class RespReader {
 public:
  explicit RespReader(RespLimits limits = {});
  ~RespReader();
  RespReader(const RespReader&) = delete;
  RespReader& operator=(const RespReader&) = delete;

  // Any cut of the stream. REQUIRES that next() is then called until it has nothing more.
  void feed(std::string_view bytes);

  // The next whole reply; nullopt: it needs more bytes; Error: this is not RESP2 or it is too big,
  // and nothing more will be read.
  Result<std::optional<Reply>> next();

 private:
  struct Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace spillway::redis
