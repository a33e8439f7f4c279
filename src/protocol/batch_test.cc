#include "protocol/batch.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace spillway::protocol {
namespace {

const std::string kLine = R"({"ts":1,"message":"hello"})";

std::string batch_of(std::uint32_t count, const std::string& line) {
  std::string out;
  append_batch_header(out, {"epoch", 1, count, "server", 1});
  for (std::uint32_t n = 0; n < count; ++n) {
    if (n > 0) out += '\n';
    out += line;
  }
  return out;
}

bool is_malformed(std::string_view bytes) {
  const auto batch = parse_batch(bytes);
  const BatchProblem* const problem = std::get_if<BatchProblem>(&batch);
  return problem != nullptr && *problem == BatchProblem::kMalformed;
}

TEST(Batch, TakesAsManyMessagesAsLaterReleasesMaySend) {
  EXPECT_FALSE(is_malformed(batch_of(kBatchCountMax, kLine)));
  EXPECT_TRUE(is_malformed(batch_of(kBatchCountMax + 1, kLine)));
}

TEST(Batch, IsBoundedInBytes) {
  const auto with_bytes = [](std::size_t bytes) {
    const std::size_t rest = batch_of(1, R"({"message":""})").size();
    return batch_of(1, R"({"message":")" + std::string(bytes - rest, 'a') + R"("})");
  };
  ASSERT_EQ(with_bytes(kBatchBytesMax).size(), kBatchBytesMax);
  EXPECT_FALSE(is_malformed(with_bytes(kBatchBytesMax)));
  EXPECT_TRUE(is_malformed(with_bytes(kBatchBytesMax + 1)));
}

TEST(Batch, RejectsEveryPrefix) {
  const std::string whole = batch_of(2, kLine);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_TRUE(is_malformed(std::string_view(whole).substr(0, size))) << size;
  }
}

TEST(Batch, RejectsBytesThatAreNotUtf8) {
  for (const char* const bytes : {"\x80", "\xff", "\xc0\x80", "\xc3", "\xed\xa0\x80"}) {
    EXPECT_TRUE(is_malformed(batch_of(1, R"({"message":")" + std::string(bytes) + R"("})")));
  }
}

TEST(Batch, RejectsAHeaderWithoutEnd) {
  EXPECT_TRUE(is_malformed("v1 " + std::string(100'000, 'e')));
  EXPECT_TRUE(is_malformed("v1 e 1 1 s " + std::string(100'000, '1') + "\n" + kLine));
}

// What is accepted has one form only: written again it is the same bytes.
TEST(Batch, AcceptsNoMutationInTwoForms) {
  Random random(42);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = batch_of(3, kLine);
    for (std::uint64_t edits = 1 + random.below(3); edits > 0; --edits) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    }
    const auto batch = parse_batch(bytes);
    const BatchView* const view = std::get_if<BatchView>(&batch);
    if (view == nullptr) continue;
    std::string again;
    append_batch_header(again, view->header);
    again += view->lines;
    EXPECT_EQ(again, bytes);
  }
}

}  // namespace
}  // namespace spillway::protocol
