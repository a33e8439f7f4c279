#include "redis/resp_reader.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "redis/testing.h"

namespace spillway::redis {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;

struct Read {
  std::vector<std::string> replies;
  std::string failure;
  friend bool operator==(const Read&, const Read&) = default;
};

void drain(RespReader& reader, Read& read) {
  while (read.failure.empty()) {
    auto reply = reader.next();
    if (!reply) {
      read.failure = reply.error().message;
    } else if (!reply->has_value()) {
      return;
    } else {
      read.replies.push_back(printed((*reply)->view()));
    }
  }
}

// Reads it in all cuts, which must agree.
Read read_all(const std::string& input, RespLimits limits = {}) {
  std::vector<Read> reads;
  for (const auto& pieces : all_cuts(input)) {
    RespReader reader(limits);
    Read read;
    for (const std::string_view piece : pieces) {
      reader.feed(piece);
      drain(reader, read);
    }
    EXPECT_TRUE(reads.empty() || read == reads.front());
    reads.push_back(std::move(read));
  }
  return reads.front();
}

std::vector<std::string> replies(const std::string& input) {
  const Read read = read_all(input);
  EXPECT_EQ(read.failure, "");
  return read.replies;
}

std::string failure(const std::string& input, RespLimits limits = {}) {
  return read_all(input, limits).failure;
}

Reply one(std::string_view resp) {
  RespReader reader;
  reader.feed(resp);
  auto reply = reader.next();
  EXPECT_TRUE(reply && reply->has_value());
  return **std::move(reply);
}

TEST(RespReader, ReadsEveryKindOfReply) {
  EXPECT_THAT(replies("+OK\r\n:-42\r\n$3\r\na\0b\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n"s),
              ::testing::ElementsAre("'OK'", "-42", "'a\0b'"s, "''", "nil", "nil", "[]"));
  EXPECT_THAT(replies("-ERR no\r\n"), ::testing::ElementsAre("error(ERR no)"));
  EXPECT_THAT(replies("*3\r\n:1\r\n*2\r\n$1\r\nx\r\n-E\r\n$-1\r\n:2\r\n"),
              ::testing::ElementsAre("[1;['x';error(E);];nil;]", "2"));
}

TEST(RespReader, ReadsManyRepliesFromOnePiece) {
  std::string input;
  for (int i = 0; i < 5000; ++i) input += fmt::format("*2\r\n:{}\r\n$4\r\nabcd\r\n", i);
  RespReader reader;
  reader.feed(input);
  Read read;
  drain(reader, read);
  ASSERT_EQ(read.replies.size(), 5000u);
  EXPECT_EQ(read.replies.back(), "[4999;'abcd';]");
}

TEST(RespReader, WaitsForTheRest) {
  EXPECT_THAT(replies("*2\r\n$5\r\nhel"), ::testing::IsEmpty());
  EXPECT_THAT(replies(""), ::testing::IsEmpty());
}

TEST(RespReader, RefusesWhatIsNotResp2) {
  EXPECT_THAT(failure("HTTP/1.1 400 Bad Request\r\n"), HasSubstr("cannot be understood"));
  EXPECT_THAT(failure("%1\r\n"), HasSubstr("cannot be understood"));
  EXPECT_THAT(failure("*-2\r\n"), HasSubstr("cannot be understood"));
  EXPECT_THAT(failure("$-2\r\n"), HasSubstr("cannot be understood"));
  EXPECT_THAT(failure("+OK\r\n?"), HasSubstr("cannot be understood"));
  EXPECT_THAT(read_all("+OK\r\n?").replies, ::testing::ElementsAre("'OK'"));
}

TEST(RespReader, StaysFailed) {
  RespReader reader;
  reader.feed("?");
  EXPECT_FALSE(reader.next());
  reader.feed("+OK\r\n");
  EXPECT_FALSE(reader.next());
}

TEST(RespReader, BoundsTheDepth) {
  std::string deep;
  for (int i = 0; i < 7; ++i) deep += "*1\r\n";
  EXPECT_EQ(replies(deep + ":1\r\n").size(), 1u);
  EXPECT_NE(failure(deep + "*1\r\n*1\r\n:1\r\n"), "");
}

TEST(RespReader, BoundsTheElementsBeforeTheyTakeMemory) {
  EXPECT_THAT(failure("*2147483647\r\n"), HasSubstr("elements"));
  const RespLimits limits{.elements_max = 4};
  EXPECT_EQ(failure("*2\r\n*2\r\n:1\r\n:1\r\n:1\r\n*4\r\n:1\r\n:1\r\n:1\r\n:1\r\n", limits), "");
  EXPECT_THAT(failure("*2\r\n*3\r\n", limits), HasSubstr("elements"));
}

TEST(RespReader, BoundsTheBytesOfAReplyNotOfTheStream) {
  const RespLimits limits{.reply_bytes_max = 100};
  std::string small;
  for (int i = 0; i < 50; ++i) small += "$5\r\nhello\r\n";
  EXPECT_EQ(read_all(small, limits).replies.size(), 50u);
  EXPECT_THAT(failure("$101\r\n" + std::string(101, 'x'), limits), HasSubstr("100 bytes"));
  EXPECT_THAT(failure("*30\r\n" + small, limits), HasSubstr("100 bytes"));
}

TEST(RespReader, BoundsALine) {
  RespReader reader;
  for (int i = 0; i < 64; ++i) {
    reader.feed("-" + std::string(1023, 'x'));
    ASSERT_TRUE(reader.next());
  }
  reader.feed("xx");
  const auto reply = reader.next();
  ASSERT_FALSE(reply);
  EXPECT_THAT(reply.error().message, HasSubstr("line"));
}

TEST(Reply, GivesTheEmptyAnswerForWhatItIsNot) {
  const Reply array = one("*2\r\n:7\r\n+x\r\n");
  EXPECT_EQ(array.text(), "");
  EXPECT_EQ(array.error_text(), "");
  EXPECT_FALSE(array.is_nil());
  EXPECT_EQ(array.integer(), std::nullopt);
  EXPECT_TRUE(array[2].is_nil());
  EXPECT_TRUE(array[0][0][0].is_nil());
  EXPECT_EQ(array[0].integer(), 7);
  EXPECT_EQ(array[0].text(), "");
  EXPECT_EQ(one("-ERR x\r\n").text(), "");
  EXPECT_EQ(one("-1\r\n").integer(), std::nullopt);
  EXPECT_TRUE(ReplyView().is_nil());
}

TEST(Reply, ReadsIntegersFromTexts) {
  EXPECT_EQ(one("$3\r\n-17\r\n").integer(), -17);
  EXPECT_EQ(one("$19\r\n9223372036854775807\r\n").integer(), INT64_MAX);
  for (const char* text :
       {"$0\r\n\r\n", "$2\r\n1x\r\n", "$19\r\n9223372036854775808\r\n", "+ 1\r\n"}) {
    EXPECT_EQ(one(text).integer(), std::nullopt) << text;
  }
}

TEST(Reply, MovesItsNodes) {
  Reply first = one("+x\r\n");
  Reply second = std::move(first);
  EXPECT_EQ(second.text(), "x");
  EXPECT_TRUE(first.is_nil());  // NOLINT(bugprone-use-after-move): promised
  second = one("+y\r\n");
  EXPECT_EQ(second.text(), "y");
}

}  // namespace
}  // namespace spillway::redis
