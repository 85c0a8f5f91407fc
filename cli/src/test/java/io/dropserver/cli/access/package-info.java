@NullMarked
package io.dropserver.cli.access;

import org.jspecify.annotations.NullMarked;
