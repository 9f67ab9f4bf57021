#include "data/field_layout.hpp"

#include <boost/test/unit_test.hpp>
#include <netcdf.h>

#include "tests/data/netcdf_writer.hpp"

using namespace fulmar;
using namespace fulmar::data;
using fulmar::data::test::NetcdfWriter;

namespace {

NetcdfVariable coordinate(const std::string& attribute, const std::string& value) {
  NetcdfVariable variable;
  variable.texts[attribute] = value;
  return variable;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(field_layout)

BOOST_AUTO_TEST_CASE(axes_are_told_by_their_attributes) {
  BOOST_TEST((axis_of(coordinate("units", "degrees_north")) == Axis::latitude));
  BOOST_TEST((axis_of(coordinate("units", "degree_E")) == Axis::longitude));
  BOOST_TEST((axis_of(coordinate("units", "days since 1850-01-01")) == Axis::time));
  BOOST_TEST((axis_of(coordinate("standard_name", "longitude")) == Axis::longitude));
  BOOST_TEST((axis_of(coordinate("axis", "Y")) == Axis::latitude));
  BOOST_TEST((axis_of(coordinate("axis", "T")) == Axis::time));
  BOOST_TEST((axis_of(coordinate("positive", "down")) == Axis::level));
  BOOST_TEST((axis_of(coordinate("long_name", "latitude")) == Axis::unknown));
}

BOOST_AUTO_TEST_CASE(names_do_not_matter_and_dimensions_of_length_one_are_passed_over) {
  NetcdfWriter writer("layout.nc");
  writer.axis("FNOCX", "hours since 1980-01-14 14:00:00", {0, 730.5});
  writer.axis("level", "m", {2});
  writer.axis("time", "degrees_north", {-10, 10});
  writer.axis("lat", "degrees_east", {0, 90, 180, 270});
  writer.variable("t", NC_FLOAT, {"FNOCX", "level", "time", "lat"}, std::vector<double>(16));
  const auto file = NetcdfFile::open(writer.close(), "[data] path");
  BOOST_REQUIRE(file.ok());
  const auto layout = layout_of(**file, *(*file)->find("t"), "[data] targets");
  BOOST_REQUIRE_MESSAGE(layout.ok(), (layout.ok() ? "" : layout.error().message));
  BOOST_TEST(layout->time->name == "FNOCX");
  BOOST_TEST(*layout->time_dimension == 0u);
  BOOST_TEST(layout->latitude->name == "time");
  BOOST_TEST(layout->longitude->name == "lat");
}

BOOST_AUTO_TEST_CASE(a_dimension_that_does_not_fit_is_named) {
  NetcdfWriter writer("level.nc");
  writer.axis("depth", "m", {0, 10, 20});
  writer.axis("y", "degrees_north", {-10, 10});
  writer.axis("x", "degrees_east", {0, 90});
  writer.variable("t", NC_FLOAT, {"depth", "y", "x"}, std::vector<double>(12));
  writer.variable("turned", NC_FLOAT, {"x", "y"}, std::vector<double>(4));
  const auto file = NetcdfFile::open(writer.close(), "[data] path");
  BOOST_REQUIRE(file.ok());
  const auto level = layout_of(**file, *(*file)->find("t"), "[data] targets");
  BOOST_REQUIRE(!level.ok());
  BOOST_TEST(level.error().message == "[data] targets = \"t\": in " + (*file)->path() +
                                          " dimension depth (number 1 of 3, length 3) must be time, or of length 1 by "
                                          "the attributes of its coordinate variable; expected order: time, latitude, "
                                          "longitude");
  const auto turned = layout_of(**file, *(*file)->find("turned"), "[data] targets");
  BOOST_REQUIRE(!turned.ok());
  BOOST_TEST(turned.error().message.find("dimension x (number 1 of 2, length 2) must be latitude") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
