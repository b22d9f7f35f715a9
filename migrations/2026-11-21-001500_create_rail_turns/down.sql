DROP TABLE rail_turns;
