#include "redis/resp_reader.h"

#include <fmt/format.h>
#include <hiredis/hiredis.h>

#include <algorithm>
#include <string>

#include "base/check.h"

namespace spillway::redis {
namespace {

// A line is a simple string, an error, or the header of something longer. hiredis looks for its end
// from the start with every feed, so an endless one would cost quadratic time.
constexpr std::size_t kLineBytesMax = 64 * 1024;

}  // namespace

struct RespReader::Machine {
  explicit Machine(RespLimits reply_limits) : limits(reply_limits), reader(redisReaderCreate()) {
    CHECK(reader != nullptr);
    functions = *reader->fn;
    functions.createArray = &Machine::create_array;
    reader->fn = &functions;
    reader->privdata = this;
  }
  ~Machine() { redisReaderFree(reader); }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // hiredis makes room for all elements as soon as it sees their number, so it is checked here.
  static void* create_array(const redisReadTask* task, int elements) {
    auto& self = *static_cast<Machine*>(task->privdata);
    self.elements += static_cast<std::size_t>(std::max(elements, 0));
    if (self.elements > self.limits.elements_max) {
      self.fail(fmt::format("an answer with more than {} elements", self.limits.elements_max));
      return nullptr;
    }
    return self.original->createArray(task, elements);
  }

  std::string_view pending() const {
    return {reader->buf + reader->pos, reader->len - reader->pos};
  }

  void check_bounds(bool reply_is_whole) {
    const std::string_view rest = pending();
    if (bytes - (reply_is_whole ? rest.size() : 0) > limits.reply_bytes_max) {
      fail(fmt::format("an answer of more than {} bytes", limits.reply_bytes_max));
    } else if (reply_is_whole) {
      bytes = rest.size();
      elements = 0;
    } else if (rest.substr(0, kLineBytesMax).find('\n') == std::string_view::npos &&
               rest.size() > kLineBytesMax) {
      fail(fmt::format("a line of more than {} bytes", kLineBytesMax));
    }
  }

  void fail(std::string why) {
    if (failure.empty()) failure = std::move(why);
  }

  const RespLimits limits;
  redisReader* const reader;  // owned
  redisReplyObjectFunctions* const original = reader->fn;
  redisReplyObjectFunctions functions{};
  std::size_t bytes = 0;     // fed since the last whole reply
  std::size_t elements = 0;  // of the arrays in the reply that is being read
  std::string failure;       // why nothing more will be read
};

RespReader::RespReader(RespLimits limits) : machine_(std::make_unique<Machine>(limits)) {}
RespReader::~RespReader() = default;

void RespReader::feed(std::string_view bytes) {
  Machine& machine = *machine_;
  if (!machine.failure.empty() || bytes.empty()) return;
  machine.bytes += bytes.size();
  if (redisReaderFeed(machine.reader, bytes.data(), bytes.size()) != REDIS_OK) {
    machine.fail(machine.reader->errstr);
  }
}

Result<std::optional<Reply>> RespReader::next() {
  Machine& machine = *machine_;
  void* node = nullptr;
  if (machine.failure.empty() && redisReaderGetReply(machine.reader, &node) != REDIS_OK) {
    machine.fail(machine.reader->errstr);
  }
  Reply reply(static_cast<redisReply*>(node));
  if (machine.failure.empty()) machine.check_bounds(node != nullptr);
  if (!machine.failure.empty()) {
    return Error{fmt::format("Redis sent what cannot be understood: {}", machine.failure)};
  }
  if (node == nullptr) return std::optional<Reply>();
  return std::optional<Reply>(std::move(reply));
}

}  // namespace spillway::redis
