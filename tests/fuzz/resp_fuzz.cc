// What Redis, or somebody in its place, may send.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "redis/greeting.h"
#include "redis/resp_reader.h"
#include "redis/subscriptions.h"
#include "redis/testing.h"

namespace {

using namespace spillway;         // NOLINT(google-build-using-namespace)
using namespace spillway::redis;  // NOLINT(google-build-using-namespace)

constexpr std::size_t kInputMax =
    32 * 1024;  // a longer line may fail in one cut and not in another
constexpr RespLimits kLimits{.reply_bytes_max = 4096, .elements_max = 256};

struct Read {
  std::vector<std::string> replies;
  bool failed = false;
  friend bool operator==(const Read&, const Read&) = default;
};

// Every reply also goes to the machines, which must bear any of them.
void drain(RespReader& reader, Subscriptions& subscriptions, Greeting& greeting, Read& read) {
  while (!read.failed) {
    const auto reply = reader.next();
    read.failed = !reply;
    if (read.failed || !reply->has_value()) return;
    read.replies.push_back(printed((*reply)->view()));
    CHECK(read.replies.back().size() <= 16 * kLimits.reply_bytes_max);
    (void)subscriptions.receive(**reply, TimePoint());
    (void)greeting.receive(**reply);
    std::string out;
    subscriptions.take(out);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > kInputMax) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::vector<Read> reads;
  for (const auto& pieces : all_cuts(bytes, 3)) {
    RespReader reader(kLimits);
    Subscriptions subscriptions;
    Greeting greeting(Url(), "fuzz", Role::kMaster);  // which reads most
    for (const char* channel : {"a", "b"}) subscriptions.subscribe(channel);
    subscriptions.connected(TimePoint());
    std::string out;
    subscriptions.take(out);
    Read read;
    for (const std::string_view piece : pieces) {
      reader.feed(piece);
      drain(reader, subscriptions, greeting, read);
    }
    CHECK(reads.empty() || read == reads.front());
    reads.push_back(std::move(read));
  }
  return 0;
}
