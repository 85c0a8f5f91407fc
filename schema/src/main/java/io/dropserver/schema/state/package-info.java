/** The tables that the server keeps: SQL migrations, jOOQ classes, opening the database. */
@NullMarked
package io.dropserver.schema.state;

import org.jspecify.annotations.NullMarked;
