// Apart from city-room.ts, whose schemas the first screen of the page does not need.

/** What a session key's scope must hold for joining rooms: as if it were a message type of a module `world`. */
export const joinScope = "world/join";
