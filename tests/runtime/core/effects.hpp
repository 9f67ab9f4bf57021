// What a state machine said, picked by kind.
// Thread rule: pure functions.
#pragma once

#include <variant>
#include <vector>

namespace fulmar::core {

template <class Effect, class Effects>
std::vector<Effect> all_of_kind(const Effects& effects) {
  std::vector<Effect> found;
  for (const auto& effect : effects) {
    if (const auto* one = std::get_if<Effect>(&effect)) found.push_back(*one);
  }
  return found;
}

template <class Effect, class Effects>
bool has(const Effects& effects) {
  return !all_of_kind<Effect>(effects).empty();
}

}  // namespace fulmar::core
