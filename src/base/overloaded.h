// std::visit with one lambda an alternative.
#pragma once

namespace spillway {

template <typename... Fs>
struct overloaded : Fs... {  // NOLINT(readability-identifier-naming): the field's own word
  using Fs::operator()...;
};
template <typename... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

}  // namespace spillway
