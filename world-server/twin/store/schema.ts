// Tables of the twin's store. Times are UNIX milliseconds, JSON columns hold text.
// An observation's id is its place in the telemetry log plus one; what the log entry says is not stored twice.

export const schemaVersion = 1;

export const schemaSql = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS things (
  id INTEGER PRIMARY KEY, device TEXT NOT NULL UNIQUE, name TEXT NOT NULL, description TEXT NOT NULL,
  properties TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS locations (
  id INTEGER PRIMARY KEY, thing INTEGER NOT NULL UNIQUE REFERENCES things (id), name TEXT NOT NULL,
  description TEXT NOT NULL, encoding_type TEXT NOT NULL, location TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS historical_locations (
  id INTEGER PRIMARY KEY, thing INTEGER NOT NULL UNIQUE REFERENCES things (id), time INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS sensors (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL, encoding_type TEXT NOT NULL,
  metadata TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS observed_properties (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, definition TEXT NOT NULL, description TEXT NOT NULL,
  UNIQUE (definition, name)) STRICT;
CREATE TABLE IF NOT EXISTS datastreams (
  id INTEGER PRIMARY KEY, thing INTEGER NOT NULL REFERENCES things (id), sensor INTEGER NOT NULL REFERENCES sensors (id),
  observed_property INTEGER NOT NULL REFERENCES observed_properties (id), stream TEXT NOT NULL, name TEXT NOT NULL,
  description TEXT NOT NULL, unit TEXT NOT NULL, observation_type TEXT NOT NULL, properties TEXT NOT NULL,
  UNIQUE (thing, stream)) STRICT;
CREATE INDEX IF NOT EXISTS datastreams_by_sensor ON datastreams (sensor);
CREATE INDEX IF NOT EXISTS datastreams_by_observed_property ON datastreams (observed_property);
CREATE TABLE IF NOT EXISTS features (
  id INTEGER PRIMARY KEY, thing INTEGER NOT NULL UNIQUE REFERENCES things (id), name TEXT NOT NULL,
  description TEXT NOT NULL, encoding_type TEXT NOT NULL, feature TEXT NOT NULL) STRICT;

CREATE TABLE IF NOT EXISTS observations (
  datastream INTEGER NOT NULL, time INTEGER NOT NULL, id INTEGER NOT NULL, result REAL NOT NULL,
  PRIMARY KEY (datastream, time, id)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS observations_by_time ON observations (time, id);
CREATE UNIQUE INDEX IF NOT EXISTS observations_by_id ON observations (id);

CREATE TABLE IF NOT EXISTS log_entries (position INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS log_tiles (
  level INTEGER NOT NULL, number INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY (level, number)) STRICT;
CREATE TABLE IF NOT EXISTS sequences (device TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refused (reason TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;
