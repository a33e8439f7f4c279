#include "balancer/request_reader.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

namespace spillway::balancer {
namespace {

namespace http = boost::beast::http;

struct Read {
  std::vector<Request> requests;
  std::optional<RequestReader::Refused> refused;
};

// `cut` says how many bytes come next.
template <typename Cut>
Read read(std::string_view bytes, Cut cut) {
  Read result;
  RequestReader reader;
  while (!bytes.empty() && !result.refused) {
    // In memory of its own, so that a sanitizer sees who keeps a view of it.
    const std::string piece(bytes.substr(0, cut()));
    std::size_t consumed = 0;
    const auto outcome = reader.feed(piece, consumed);
    if (std::holds_alternative<RequestReader::Complete>(outcome)) {
      result.requests.push_back(reader.request());
    } else if (const auto* refused = std::get_if<RequestReader::Refused>(&outcome)) {
      result.refused = *refused;
    } else {
      EXPECT_EQ(consumed, piece.size());
    }
    bytes.remove_prefix(consumed);
  }
  return result;
}

// Whole, byte by byte, and at random cuts: the same comes out.
Read read(std::string_view bytes) {
  Read whole = read(bytes, [&] { return bytes.size(); });
  std::mt19937 random(42);
  const std::vector<Read> cut = {read(bytes, [] { return 1; }), read(bytes, [&] {
                                   return std::uniform_int_distribution<std::size_t>(1, 40)(random);
                                 })};
  for (const Read& other : cut) {
    EXPECT_EQ(other.requests.size(), whole.requests.size());
    EXPECT_EQ(other.refused.has_value(), whole.refused.has_value());
    if (other.refused && whole.refused) {
      EXPECT_EQ(other.refused->status, whole.refused->status);
    }
  }
  return whole;
}

std::string get(const std::string& lines, const std::string& target = "/healthz") {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + lines + "\r\n";
}

unsigned status_of(const std::string& bytes) {
  const Read result = read(bytes);
  if (result.refused) return static_cast<unsigned>(result.refused->status);
  return result.requests.size() == 1 ? 200 : 0;
}

TEST(RequestReader, ReadsWhatAnAnswerDependsOn) {
  const Read result = read(
      "POST /servers/create?a=b?c HTTP/1.1\r\nHost: localhost:3000\r\nUser-Agent: x\r\n"
      "Origin: http://localhost:3000\r\nAuthorization: Bearer t\r\n\r\n");
  ASSERT_EQ(result.requests.size(), 1U);
  const Request& request = result.requests[0];
  EXPECT_EQ(request.method, http::verb::post);
  EXPECT_EQ(request.path, "/servers/create");
  EXPECT_EQ(request.query, "a=b?c");
  EXPECT_EQ(request.host, "localhost:3000");
  EXPECT_EQ(request.origin, "http://localhost:3000");
  EXPECT_EQ(request.authorization, "Bearer t");
  EXPECT_TRUE(request.keep_alive);
}

TEST(RequestReader, NothingOfARequestStaysForTheNext) {
  const Read result = read(get("Origin: o\r\nAuthorization: Bearer t\r\n", "/a?b") + get("", "/c"));
  ASSERT_EQ(result.requests.size(), 2U);
  EXPECT_EQ(result.requests[0].query, "b");
  EXPECT_EQ(result.requests[1].path, "/c");
  EXPECT_EQ(result.requests[1].query, "");
  EXPECT_EQ(result.requests[1].origin, "");
  EXPECT_EQ(result.requests[1].authorization, "");
}

TEST(RequestReader, DropsBodiesAndReadsWhatFollows) {
  const std::string body(5000, 'b');
  const Read result = read(get("Content-Length: 5000\r\n", "/a") + body +
                           get("Content-Length: 0\r\n", "/b") + get("Connection: close\r\n", "/c"));
  ASSERT_EQ(result.requests.size(), 3U);
  EXPECT_EQ(result.requests[0].path, "/a");
  EXPECT_EQ(result.requests[1].path, "/b");
  EXPECT_EQ(result.requests[2].path, "/c");
  EXPECT_FALSE(result.requests[2].keep_alive);
}

TEST(RequestReader, KeepsConnectionsAsTheVersionSays) {
  const struct {
    const char* bytes;
    bool keep_alive;
  } cases[] = {{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", true},
               {"GET / HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n", false},
               {"GET / HTTP/1.0\r\n\r\n", false},
               {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true}};
  for (const auto& [bytes, keep_alive] : cases) {
    const Read result = read(bytes);
    ASSERT_EQ(result.requests.size(), 1U) << bytes;
    EXPECT_EQ(result.requests[0].keep_alive, keep_alive) << bytes;
  }
}

TEST(RequestReader, TakesTheAbsoluteFormAndItsHost) {
  const struct {
    const char* target;
    const char* path;
    const char* query;
  } cases[] = {{"http://example.org/healthz?a", "/healthz", "a"},
               {"HTTP://example.org", "/", ""},
               {"https://example.org?a=b", "/", "a=b"}};
  for (const auto& [target, path, query] : cases) {
    const Read result = read(get("", target));
    ASSERT_EQ(result.requests.size(), 1U) << target;
    EXPECT_EQ(result.requests[0].path, path);
    EXPECT_EQ(result.requests[0].query, query);
    EXPECT_EQ(result.requests[0].host, "example.org");
  }
}

TEST(RequestReader, RefusesTargetsThatAreNoPath) {
  for (const char* const target : {"*", "healthz", "http://", "http:///x", "ftp://x/healthz",
                                   "example.org:443", "/a#b", "/\xff", "/a\x7f"}) {
    EXPECT_EQ(status_of(get("", target)), 400U) << target;
  }
}

TEST(RequestReader, RefusesWhatCanBeUnderstoodInTwoWays) {
  for (const char* const lines : {
           "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
           "Transfer-Encoding: chunked\r\n",
           "Transfer-Encoding: identity\r\n",
           "Content-Length: 1\r\nContent-Length: 1\r\n",
           "Content-Length: 0\r\nContent-Length: 1\r\n",
           "Content-Length: 1, 1\r\n",
           "Content-Length: +1\r\n",
           "Content-Length: -1\r\n",
           "Content-Length: 0x1\r\n",
           "Content-Length: 1 1\r\n",
           "Content-Length:\r\n",
           "Content-Length: 18446744073709551617\r\n",
           "Host: y\r\n",
           "Origin: a\r\nOrigin: b\r\n",
           "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n",
           "X: a\r\n b\r\n",
           "X : a\r\n",
           ": a\r\n",
           "X\r\n",
           "X: a\nY: b\r\n",
           "X: a\rb\r\n",
           "X: a\x01\r\n",
       }) {
    EXPECT_EQ(status_of(get(lines)), 400U) << lines;
  }
  for (const char* const bytes :
       {"GET /healthz HTTP/1.1\r\n\r\n", "GET /healthz HTTP/1.1\r\nHost:\r\n\r\n",
        "GET /healthz HTTP/1.1\n\n", "\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET  /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
        "get /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "\x16\x03\x01\x02"}) {
    EXPECT_EQ(status_of(bytes), 400U) << bytes;
  }
}

TEST(RequestReader, RefusesOtherVersions) {
  EXPECT_EQ(status_of("GET / HTTP/1.2\r\nHost: x\r\n\r\n"), 505U);
  EXPECT_EQ(status_of("PRI * HTTP/2.0\r\n\r\n"), 505U);
}

TEST(RequestReader, AHeadHasALimit) {
  const std::size_t rest = get("X: \r\n").size();
  const auto sized = [&](std::size_t bytes) {
    return get("X: " + std::string(bytes - rest, 'y') + "\r\n");
  };
  EXPECT_EQ(status_of(sized(websocket::kHeadBytesMax)), 200U);
  EXPECT_EQ(status_of(sized(websocket::kHeadBytesMax + 1)), 431U);
  EXPECT_EQ(status_of(get("", "/" + std::string(20'000, 'p'))), 431U);
}

TEST(RequestReader, AHeadHasALimitedNumberOfLines) {
  const auto many = [](unsigned headers) {  // with Host
    std::string lines;
    for (unsigned i = 1; i < headers; ++i) lines += "X: y\r\n";
    return get(lines);
  };
  EXPECT_EQ(status_of(many(RequestReader::kHeadersMax)), 200U);
  EXPECT_EQ(status_of(many(RequestReader::kHeadersMax + 1)), 431U);
}

TEST(RequestReader, ABodyHasALimitThatIsToldBeforeItCame) {
  EXPECT_EQ(status_of(get("Content-Length: 65536\r\n") + std::string(65'536, 'b')), 200U);
  EXPECT_EQ(status_of(get("Content-Length: 65537\r\n")), 413U);
  EXPECT_EQ(status_of(get("Content-Length: 9007199254740991\r\n")), 413U);
}

TEST(RequestReader, ARequestThatIsCutIsNone) {
  const std::string bytes = get("Content-Length: 3\r\n") + "abc";
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Read result = read(bytes.substr(0, size));
    EXPECT_TRUE(result.requests.empty() && !result.refused) << size;
  }
}

}  // namespace
}  // namespace spillway::balancer
