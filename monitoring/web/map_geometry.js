"use strict";
// Where the cells of a latitude–longitude grid and the lines of a land outline lie on a map: plate carrée, north up.
//
//   const geometry = new MapGeometry({latitudes, longitudes, periodic}, outline);   // degrees; outline: [[[lon, lat], …], …]
//   geometry.x(longitude), geometry.y(latitude)   0 to width from the west, 0 to height from the north, in map units
//   geometry.cellAt(x, y)       {row, column} of the grid, as its fields are stored
//   geometry.picture(colourOf)  a PNG as a data URL, a pixel a cell or more; colourOf(row, column): [r, g, b] or null
//
// GEOMETRY-1: a cell reaches half-way to its neighbours; none reaches over a pole.
// GEOMETRY-2: a map of the whole circle is cut at the meridian that crosses the fewest coasts; among equals, nearest to
//             180°. The cut is an edge of cells, so no cell is cut.

const kMapWidth = 400; // map units; also pixels where three maps stand side by side
const kUnevenPixels = 4; // by a cell, each way, where cells are of different size: a row at a pole is half as high

/** The edges of cells with these rising centres. */
function cellEdges(centres) {
  const between = centres.slice(1).map((centre, i) => (centre + centres[i]) / 2);
  const last = centres.length - 1;
  const first = centres.length === 1 ? centres[0] - 0.5 : centres[0] - (between[0] - centres[0]);
  const end = centres.length === 1 ? centres[0] + 0.5 : centres[last] + (centres[last] - between[last - 1]);
  return [first, ...between, end];
}

function isEven(edges) {
  const step = (edges[edges.length - 1] - edges[0]) / (edges.length - 1);
  return edges.slice(1).every((edge, i) => Math.abs(edge - edges[i] - step) < 1e-3 * step);
}

/** The same meridian in [west, west + 360). */
function eastOf(west, longitude) {
  return west + ((((longitude - west) % 360) + 360) % 360);
}

function coastsCrossed(outline, meridian) {
  let crossings = 0;
  for (const line of outline) {
    for (let i = 1; i < line.length; i++) {
      const [a, b] = [line[i - 1][0], line[i][0]].map((longitude) => eastOf(meridian - 180, longitude));
      if (Math.abs(a - b) < 180 && a < meridian !== b < meridian) crossings++;
    }
  }
  return crossings;
}

function bestCut(edges, outline) {
  const fromDateLine = (edge) => Math.abs(eastOf(-180, edge - 180));
  const cuts = edges.slice(0, -1).map((edge, column) => ({column, edge, crossings: coastsCrossed(outline, edge)}));
  cuts.sort((a, b) => a.crossings - b.crossings || fromDateLine(a.edge) - fromDateLine(b.edge));
  return cuts[0];
}

class MapGeometry {
  constructor({latitudes, longitudes, periodic}, outline) {
    this.latitudes = latitudes;
    this.longitudes = longitudes;
    this.outline = outline;
    this.latitudeEdges = cellEdges(latitudes).map((edge) => Math.max(-90, Math.min(90, edge)));
    const edges = cellEdges(longitudes);
    const cut = periodic ? bestCut(edges, outline) : {column: 0, edge: edges[0]};
    this.west = eastOf(-180, cut.edge);
    this.firstColumn = cut.column;
    this.longitudeEdges = edges.map((_, i) => {
      const column = cut.column + i;
      const edge = column < edges.length ? edges[column] : edges[column - longitudes.length] + 360;
      return edge - cut.edge + this.west;
    });
    this.place();
  }

  place() {
    const [south, north] = [this.latitudeEdges[0], this.latitudeEdges[this.latitudeEdges.length - 1]];
    this.east = this.longitudeEdges[this.longitudeEdges.length - 1];
    this.south = south;
    this.north = north;
    // A window of a few degrees keeps its shape: there a degree of longitude is shorter than one of latitude.
    const squeeze = this.east - this.west > 180 ? 1 : Math.max(0.2, Math.cos((((south + north) / 2) * Math.PI) / 180));
    this.width = kMapWidth;
    this.unitsX = this.width / (this.east - this.west);
    this.unitsY = this.unitsX / squeeze;
    this.height = (north - south) * this.unitsY;
  }

  x(longitude) {
    return (longitude - this.west) * this.unitsX;
  }

  y(latitude) {
    return (this.north - latitude) * this.unitsY;
  }

  /** Place from the south-west, as they are drawn, to the cell of the stored field. */
  cell(row, place) {
    return {row, column: (this.firstColumn + place) % this.longitudes.length};
  }

  placeAt(x, y) {
    const inside = (index, count) => Math.max(0, Math.min(count - 1, index));
    return {
      row: inside(lastUpTo(this.latitudeEdges, this.north - y / this.unitsY), this.latitudes.length),
      place: inside(lastUpTo(this.longitudeEdges, this.west + x / this.unitsX), this.longitudes.length),
    };
  }

  cellAt(x, y) {
    const {row, place} = this.placeAt(x, y);
    return this.cell(row, place);
  }

  /** x, y, width and height of a place. */
  box(row, place) {
    const [left, right] = [this.x(this.longitudeEdges[place]), this.x(this.longitudeEdges[place + 1])];
    const [top, bottom] = [this.y(this.latitudeEdges[row + 1]), this.y(this.latitudeEdges[row])];
    return {x: left, y: top, width: right - left, height: bottom - top};
  }

  picture(colourOf) {
    const even = isEven(this.latitudeEdges) && isEven(this.longitudeEdges);
    const canvas = element("canvas");
    canvas.width = this.longitudes.length * (even ? 1 : kUnevenPixels);
    canvas.height = this.latitudes.length * (even ? 1 : kUnevenPixels);
    const context = canvas.getContext("2d");
    const image = context.createImageData(canvas.width, canvas.height);
    const columns = Array.from(
      {length: canvas.width},
      (_, i) => this.cellAt(((i + 0.5) * this.width) / canvas.width, 0).column,
    );
    for (let j = 0; j < canvas.height; j++) {
      const {row} = this.cellAt(0, ((j + 0.5) * this.height) / canvas.height);
      columns.forEach((column, i) => {
        const colour = colourOf(row, column);
        if (colour) image.data.set([...colour, 255], 4 * (j * canvas.width + i));
      });
    }
    context.putImageData(image, 0, 0);
    return canvas.toDataURL("image/png");
  }

  /** The outline as the data of a path; a line that leaves at one side comes in again at the other. */
  outlinePath() {
    const parts = [];
    for (const line of this.outline) {
      let before = null;
      for (const [longitude, latitude] of line) {
        const here = eastOf(this.west, longitude);
        const joined = before !== null && Math.abs(here - before) < 180;
        parts.push(`${joined ? "L" : "M"}${this.x(here).toFixed(1)} ${this.y(latitude).toFixed(1)}`);
        before = here;
      }
    }
    return parts.join("");
  }

  /** Round meridians and parallels inside the map. */
  graticule() {
    const step = (span) => [1, 2, 5, 10, 15, 30, 60].find((degrees) => span / degrees <= 6) ?? 60;
    const inside = (values, low, high) => values.filter((value) => value > low + 1e-6 && value < high - 1e-6);
    return {
      meridians: inside(multiples(step(this.east - this.west), this.west, this.east), this.west, this.east),
      parallels: inside(multiples(step(this.north - this.south), this.south, this.north), this.south, this.north),
    };
  }
}

function degreesText(degrees, positive, negative) {
  const size = Math.round(Math.abs(degrees) * 100) / 100;
  return `${size}°${size === 0 ? "" : ` ${degrees > 0 ? positive : negative}`}`;
}

/** "57.5° N" */
function latitudeText(latitude) {
  return degreesText(latitude, "N", "S");
}

/** "120° W", of any longitude. */
function longitudeText(longitude) {
  const here = eastOf(-180, longitude);
  return here === -180 ? "180°" : degreesText(here, "E", "W");
}
