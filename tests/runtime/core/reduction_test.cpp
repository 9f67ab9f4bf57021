#include "runtime/core/reduction.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "runtime/vocabulary/random.hpp"

namespace fulmar::core {
namespace {

// A value that says how it was summed: leaves by name, "(l r)" for a sum.
std::string value_of(const BlockTree& tree, const Block& block) {
  if (tree.leaf_count(block) == 1) return std::to_string(tree.first_leaf(block));
  return "(" + value_of(tree, tree.left(block)) + " " + value_of(tree, tree.right(block)) + ")";
}

/// A shard that keeps such values, as the effects of an acceptance say.
struct Shard {
  explicit Shard(BlockTree tree) : reduction(tree) {}

  Acceptance push(const Block& block) {
    const BlockTree& tree = reduction.tree();
    const Accepted accepted = reduction.accept(block, 1, 7);
    if (accepted.acceptance != Acceptance::accepted) return accepted.acceptance;
    for (const Block& replaced : accepted.replaced) BOOST_TEST(values.erase(replaced) == 1U);
    values[tree.canonical(block)] = value_of(tree, tree.canonical(block));
    for (const Block& parent : accepted.combined) {
      const auto left = values.extract(tree.left(parent));
      const auto right = values.extract(tree.right(parent));
      BOOST_REQUIRE(!left.empty() && !right.empty());
      values[parent] = "(" + left.mapped() + " " + right.mapped() + ")";
    }
    return accepted.acceptance;
  }

  Reduction reduction;
  std::map<Block, std::string> values;
};

/// What Reduction says it does, by looking at every leaf and every block that was accepted.
struct Model {
  explicit Model(BlockTree of) : tree(of) {}

  std::set<std::uint64_t> leaves_of(const Block& block) const {
    std::set<std::uint64_t> leaves;
    for (std::uint64_t leaf = tree.first_leaf(block); leaf < tree.end_leaf(block); ++leaf) leaves.insert(leaf);
    return leaves;
  }

  /// All nodes of the tree, by their canonical names.
  std::set<Block> nodes(const Block& top) const {
    std::set<Block> all{top};
    if (tree.leaf_count(top) == 1) return all;
    all.merge(nodes(tree.left(top)));
    all.merge(nodes(tree.right(top)));
    return all;
  }

  Accepted accept(const Block& name) {
    Accepted result;
    if (!tree.contains(name)) return result;
    const Block block = tree.canonical(name);
    const auto leaves = leaves_of(block);
    const auto within = [&](const Block& other) { return std::ranges::includes(leaves, leaves_of(other)); };
    const auto around = [&](const Block& other) { return std::ranges::includes(leaves_of(other), leaves); };
    const bool first = seen.insert(block).second;
    if (std::ranges::any_of(held, around)) {
      result.acceptance = first ? Acceptance::covered : Acceptance::duplicate;
      return result;
    }
    result.acceptance = Acceptance::accepted;
    std::ranges::copy_if(held, std::back_inserter(result.replaced), within);
    for (const Block& replaced : result.replaced) held.erase(replaced);
    held.insert(block);
    // As long as some node has both of its halves held, it is made of them.
    const auto all = nodes(tree.root());
    const auto ready = [&](const Block& node) {
      return tree.leaf_count(node) > 1 && held.contains(tree.left(node)) && held.contains(tree.right(node));
    };
    for (auto next = std::ranges::find_if(all, ready); next != all.end(); next = std::ranges::find_if(all, ready)) {
      held.erase(tree.left(*next));
      held.erase(tree.right(*next));
      held.insert(*next);
      result.combined.push_back(*next);
    }
    return result;
  }

  /// A node is one of the fewest that are missing when no leaf of it is held, and this is not so of a larger one.
  std::vector<Block> missing() const {
    std::set<std::uint64_t> present;
    for (const Block& block : held) present.merge(leaves_of(block));
    const auto lacks = [&](const Block& node) {
      return std::ranges::none_of(leaves_of(node), [&](std::uint64_t leaf) { return present.contains(leaf); });
    };
    std::vector<Block> blocks;
    for (const Block& node : nodes(tree.root())) {
      if (lacks(node) && (node == tree.root() || !lacks(tree.parent(node)))) blocks.push_back(node);
    }
    std::ranges::sort(blocks, {}, [&](const Block& block) { return tree.first_leaf(block); });
    return blocks;
  }

  BlockTree tree;
  std::set<Block> held, seen;
};

BOOST_AUTO_TEST_SUITE(reduction)

// Trees of every shape up to 16 leaves, short rounds among them, by any names of blocks.
BOOST_AUTO_TEST_CASE(what_is_accepted_replaced_combined_and_missing_is_as_looking_at_every_leaf_says) {
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const RandomStream stream(seed, Purpose::simulation, 1, 0);
    std::uint64_t draw = 0;
    const auto below = [&](std::uint64_t n) { return stream.words(draw++)[0] % n; };
    const auto levels = static_cast<std::uint32_t>(below(5));
    const std::uint64_t leaves = std::uint64_t{1} << levels;
    Reduction reduction(BlockTree(leaves, 1 + below(leaves)));
    Model model(reduction.tree());
    for (int push = 0; push < 40; ++push) {
      BOOST_TEST((reduction.missing() == model.missing()), "seed " << seed);
      const auto level = static_cast<std::uint32_t>(below(levels + 1));
      const Block block{level, below(leaves >> level)};
      Accepted accepted = reduction.accept(block, 1, 7);
      std::ranges::sort(accepted.replaced);
      const Accepted expected = model.accept(block);
      BOOST_TEST((accepted.acceptance == expected.acceptance), to_string(block) << ", seed " << seed);
      BOOST_TEST((accepted.replaced == expected.replaced), to_string(block) << ", seed " << seed);
      BOOST_TEST((accepted.combined == expected.combined), to_string(block) << ", seed " << seed);
      BOOST_TEST(std::ranges::is_permutation(reduction.held(), model.held), "seed " << seed);
    }
    BOOST_TEST(reduction.missing().empty() == reduction.complete());
  }
}

// REDUCE-1, REDUCE-2: blocks of any size, overlapping, in any order: no leaf is held twice, and the root is the tree's.
BOOST_AUTO_TEST_CASE(any_blocks_in_any_order_make_the_same_root) {
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    const RandomStream stream(seed, Purpose::simulation, 0, 0);
    std::uint64_t draw = 0;
    const auto below = [&](std::uint64_t n) { return stream.words(draw++)[0] % n; };
    const auto levels = static_cast<std::uint32_t>(below(6));
    const std::uint64_t leaves = std::uint64_t{1} << levels;
    Shard shard(BlockTree(leaves, 1 + below(leaves)));
    const BlockTree& tree = shard.reduction.tree();
    std::vector<bool> pushed(tree.present());

    while (!shard.reduction.complete()) {
      const auto level = static_cast<std::uint32_t>(below(levels + 1));
      const Block block{level, below(leaves >> level)};
      const Acceptance acceptance = shard.push(block);
      BOOST_TEST((acceptance == Acceptance::absent) == !tree.contains(block));
      if (tree.contains(block)) {
        for (std::uint64_t leaf = tree.first_leaf(block); leaf < tree.end_leaf(block); ++leaf) pushed[leaf] = true;
      }

      std::vector<int> times(tree.present());
      for (const Block& held : shard.reduction.held()) {
        for (std::uint64_t leaf = tree.first_leaf(held); leaf < tree.end_leaf(held); ++leaf) ++times[leaf];
      }
      BOOST_TEST(std::all_of(times.begin(), times.end(), [](int n) { return n <= 1; }), "REDUCE-1, seed " << seed);
      // REDUCE-2: nothing that was accepted is lost.
      for (std::uint64_t leaf = 0; leaf < tree.present(); ++leaf) {
        BOOST_TEST((times[leaf] == 1) == pushed[leaf], "leaf " << leaf << ", seed " << seed);
      }
    }
    BOOST_TEST(shard.values.size() == 1U);
    BOOST_TEST(shard.values.at(tree.root()) == value_of(tree, tree.root()), "seed " << seed);
  }
}

BOOST_AUTO_TEST_CASE(an_ancestor_replaces_its_descendants_and_covers_them_afterwards) {
  Reduction reduction(BlockTree(8, 8));
  reduction.accept({0, 0}, 1, 1);
  reduction.accept({0, 3}, 1, 1);
  const Accepted accepted = reduction.accept({2, 0}, 1, 2);
  BOOST_TEST((accepted.acceptance == Acceptance::accepted));
  BOOST_TEST((accepted.replaced == std::vector<Block>{{0, 0}, {0, 3}}));
  BOOST_TEST((reduction.accept({0, 1}, 1, 1).acceptance == Acceptance::covered));
  BOOST_TEST((reduction.accept({2, 0}, 1, 1).acceptance == Acceptance::duplicate));
  BOOST_TEST((reduction.held() == Reduction::Held{{2, 0}}));
}

// REDUCE-3, also when the first copy is part of a sum by now, or was never held.
BOOST_AUTO_TEST_CASE(another_digest_is_a_mismatch_that_names_the_first_holder) {
  Reduction reduction(BlockTree(4, 4));
  reduction.accept({0, 0}, 10, 1);
  reduction.accept({0, 1}, 11, 2);
  const Reduction::Held held = reduction.held();
  const Accepted accepted = reduction.accept({0, 0}, 99, 3);
  BOOST_TEST((accepted.acceptance == Acceptance::mismatch));
  BOOST_TEST(accepted.holder.value() == 1U);
  BOOST_TEST((reduction.held() == held));
  reduction.accept({1, 1}, 5, 4);
  BOOST_TEST((reduction.accept({0, 2}, 6, 5).acceptance == Acceptance::covered));
  BOOST_TEST((reduction.accept({0, 2}, 7, 6).acceptance == Acceptance::mismatch));
}

// A short round: two names of one value are one block.
BOOST_AUTO_TEST_CASE(names_of_the_same_value_are_one_block) {
  Reduction reduction(BlockTree(8, 5));
  BOOST_TEST((reduction.accept({2, 1}, 1, 1).acceptance == Acceptance::accepted));
  BOOST_TEST((reduction.accept({0, 4}, 1, 2).acceptance == Acceptance::duplicate));
  BOOST_TEST((reduction.accept({0, 5}, 1, 2).acceptance == Acceptance::absent));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
