#include "redis/url.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <utility>

namespace spillway::redis {
namespace {

constexpr std::uint16_t kRedisPort = 6379;
constexpr std::uint16_t kSentinelPort = 26379;
constexpr std::size_t kSocketPathMax = 107;  // sockaddr_un without its final zero
constexpr std::size_t kSentinelsMax = 64;
constexpr std::string_view kForms =
    "write redis://host:port, rediss://host:port, unix:///path or "
    "redis+sentinel://host:port,host:port/name";

// `text` up to the first `mark`, which is removed with it; all of it if there is no mark.
std::string_view cut(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  const std::string_view head = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return head;
}

template <typename Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

// RFC 3986, 2.1. Nullopt: a % without two hexadecimal digits, or a zero byte, which no name has.
std::optional<std::string> percent_decode(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    unsigned byte = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || parsed.ptr != digits.data() + 2) return std::nullopt;
    plain += static_cast<char>(byte);
    i += 2;
  }
  if (plain.find('\0') != std::string::npos) return std::nullopt;
  return plain;
}

// Sentences do not repeat what was written: a mistyped URL has its password in any of its parts.
Error bad(std::string_view why) { return {fmt::format("the Redis URL {}", why)}; }

Status decode(std::string_view text, std::string_view what, std::string& field) {
  auto plain = percent_decode(text);
  if (!plain) return bad(fmt::format("has a broken % in its {}: write a % itself as %25", what));
  field = *std::move(plain);
  return ok();
}

// `[user]:pass@`, removed from the front of `rest` if it is there.
Status take_login(std::string_view& rest, Url& url) {
  const std::size_t authority_end = rest.find_first_of("/?");
  const std::size_t at = rest.substr(0, authority_end).rfind('@');
  if (at == std::string_view::npos) return ok();
  std::string_view password = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  if (password.find(':') == std::string_view::npos) {
    return bad("has a name before the @ but no password: write user:password@, or :password@");
  }
  const std::string_view user = cut(password, ':');
  if (const Status status = decode(user, "user", url.user); !status) return status;
  if (const Status status = decode(password, "password", url.password); !status) return status;
  if (url.password.empty()) return bad("has an empty password: write user:password@host");
  return ok();
}

Result<HostPort> parse_host_port(std::string_view text, std::uint16_t default_port) {
  HostPort to{{}, default_port};
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    text.remove_prefix(1);
    if (text.find(']') == std::string_view::npos) return bad("has a [ without its ]");
    to.host = cut(text, ']');
    if (!text.empty() && !text.starts_with(':')) return bad("has something between ] and the port");
    has_port = !text.empty();
    port = text.substr(has_port ? 1 : 0);
  } else {
    has_port = text.find(':') != std::string_view::npos;
    to.host = cut(text, ':');
    port = text;
  }
  if (to.host.empty()) return bad("has no host: write redis://127.0.0.1:6379");
  if (to.host.find_first_of(" %[]@\t\r\n") != std::string::npos) return bad("has a bad host name");
  if (!has_port) return to;
  const auto value = number<std::uint16_t>(port);
  if (!value || *value == 0) {
    return bad(
        "has a bad port: write a number from 1 to 65535, an IPv6 address in [ ], and a / "
        "in a password as %2F");
  }
  to.port = *value;
  return to;
}

Status parse_database(std::string_view text, Url& url) {
  if (text.empty()) return ok();
  const auto value = number<int>(text);
  if (!value || *value < 0) {
    return bad("has a bad database: write a number from 0, as in /0, and a / in a password as %2F");
  }
  url.database = *value;
  return ok();
}

// `key=value`, the only one that this kind of URL takes.
Result<std::string> parse_query(std::string_view query, std::string_view key) {
  const std::string_view name = cut(query, '=');
  if (name != key) return bad(fmt::format("has an unknown setting after its ?: use {}=", key));
  std::string value;
  if (const Status status = decode(query, key, value); !status) return status.error();
  if (value.empty()) return bad(fmt::format("has an empty {}: leave it out or fill it in", key));
  return value;
}

Status parse_server(std::string_view rest, Url& url) {
  const bool has_query = rest.find('?') != std::string_view::npos;
  std::string_view path = cut(rest, '?');
  if (has_query) {
    if (url.kind != Url::Kind::kTls) return bad("has a ?, which only rediss:// and unix:// take");
    auto ca_file = parse_query(rest, "ca");
    if (!ca_file) return ca_file.error();
    url.ca_file = *std::move(ca_file);
  }
  auto to = parse_host_port(cut(path, '/'), kRedisPort);
  if (!to) return to.error();
  url.host = std::move(to->host);
  url.port = to->port;
  return parse_database(path, url);
}

Status parse_unix(std::string_view rest, Url& url) {
  const bool has_query = rest.find('?') != std::string_view::npos;
  if (const Status status = decode(cut(rest, '?'), "path", url.path); !status) return status;
  if (!url.path.starts_with('/') || url.path.size() < 2) {
    return bad("needs the absolute path of a socket: write unix:///run/redis.sock");
  }
  if (url.path.size() > kSocketPathMax) {
    return bad(fmt::format("has a path of {} bytes: a socket's has at most {}", url.path.size(),
                           kSocketPathMax));
  }
  if (!has_query) return ok();
  const auto database = parse_query(rest, "db");
  if (!database) return database.error();
  return parse_database(*database, url);
}

Status parse_sentinels(std::string_view rest, Url& url) {
  std::string_view hosts = cut(rest, '/');
  while (!hosts.empty()) {
    auto to = parse_host_port(cut(hosts, ','), kSentinelPort);
    if (!to) return to.error();
    url.sentinels.push_back(*std::move(to));
    if (url.sentinels.size() > kSentinelsMax) return bad("has more Sentinels than anybody runs");
  }
  if (url.sentinels.empty()) return bad(fmt::format("has no Sentinel: {}", kForms));
  if (const Status status = decode(cut(rest, '/'), "name", url.master_name); !status) return status;
  if (url.master_name.empty()) {
    return bad("has no master's name: write redis+sentinel://host:port/name");
  }
  return parse_database(rest, url);
}

Status parse_rest(std::string_view rest, Url& url) {
  if (const Status status = take_login(rest, url); !status) return status;
  switch (url.kind) {
    case Url::Kind::kTcp:
    case Url::Kind::kTls:
      return parse_server(rest, url);
    case Url::Kind::kUnix:
      return parse_unix(rest, url);
    case Url::Kind::kSentinel:
      return parse_sentinels(rest, url);
  }
  return ok();
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  constexpr std::pair<std::string_view, Url::Kind> kSchemes[] = {
      {"redis://", Url::Kind::kTcp},
      {"rediss://", Url::Kind::kTls},
      {"unix://", Url::Kind::kUnix},
      {"redis+sentinel://", Url::Kind::kSentinel}};
  for (const auto& [scheme, kind] : kSchemes) {
    if (!text.starts_with(scheme)) continue;
    Url url;
    url.kind = kind;
    if (const Status status = parse_rest(text.substr(scheme.size()), url); !status) {
      return status.error();
    }
    return url;
  }
  return bad(fmt::format("has none of the known beginnings: {}", kForms));
}

std::string display(const HostPort& to) {
  const bool is_ipv6 = to.host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", to.host, to.port)
                 : fmt::format("{}:{}", to.host, to.port);
}

Url master_url(const Url& url, const HostPort& master) {
  Url to;
  to.host = master.host;
  to.port = master.port;
  to.user = url.user;
  to.password = url.password;
  to.database = url.database;
  return to;
}

std::string display(const Url& url) {
  const std::string database = url.database == 0 ? "" : fmt::format("/{}", url.database);
  switch (url.kind) {
    case Url::Kind::kTcp:
      return fmt::format("redis://{}{}", display(HostPort{url.host, url.port}), database);
    case Url::Kind::kTls:
      return fmt::format("rediss://{}{}", display(HostPort{url.host, url.port}), database);
    case Url::Kind::kUnix:
      return url.database == 0 ? fmt::format("unix://{}", url.path)
                               : fmt::format("unix://{}?db={}", url.path, url.database);
    case Url::Kind::kSentinel:
      break;
  }
  std::string hosts;
  for (const HostPort& to : url.sentinels) hosts += (hosts.empty() ? "" : ",") + display(to);
  return fmt::format("redis+sentinel://{}/{}{}", hosts, url.master_name, database);
}

}  // namespace spillway::redis
