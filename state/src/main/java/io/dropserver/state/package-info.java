/**
 * The server's state: the layout of the state folder, SQL migrations and generated jOOQ classes,
 * the database, and data folders.
 */
@NullMarked
package io.dropserver.state;

import org.jspecify.annotations.NullMarked;
