// Reads a posted form: its answers as they were typed, and what is wrong with them.

import { z } from "zod";
import { emailKey } from "./email-address.ts";
import {
  fields,
  formSchema,
  hiddenFields,
  posted as text,
  typedAnswers,
  type Answers,
  type FieldName,
} from "./form.ts";

export type AnswerError = {
  field: FieldName;
  message: string;
  type: "wrong" | "question";
  /** The addresses to choose from, if the question about one is asked beside other errors. */
  addresses?: string[];
};

export type Submitted = {
  /** What was typed, also where it is wrong. */
  answers: Answers;
  /** There is none if the form is complete. `submit` then asks about the address, if necessary. */
  errors: AnswerError[];
  /** Whether the sender answered that the address is as it should be. */
  isAddressConfirmed: boolean;
  isTrapFilled: boolean;
  isLiveCheck: boolean;
  /** The slug of the article that the form was sent from, as the form says. */
  source: string;
};

export const emptyForm: Pick<Submitted, "answers" | "errors" | "isAddressConfirmed"> = {
  answers: {},
  errors: [],
  isAddressConfirmed: false,
};

/**
 * If the sender chose an address, it replaces the one that the sender was asked about. If the
 * sender typed another one instead, that one counts, even if a choice or a button came with it, as
 * it does when somebody presses Enter.
 */
export function readForm(posted: Record<string, unknown>): Submitted {
  const hidden = (name: keyof typeof hiddenFields) => text.parse(posted[hiddenFields[name]]);
  const isTyped = (address: string) =>
    address !== "" && emailKey(address) === emailKey(text.parse(posted["email"]));
  const replyTo = hidden("replyTo");
  const isAddressConfirmed = isTyped(replyTo);
  const isReplaced = replyTo !== "" && !isAddressConfirmed && isTyped(hidden("asked"));
  const body = isReplaced ? { ...posted, email: replyTo } : posted;
  const { data, error } = formSchema.safeParse(body);
  const answers = data ?? typedAnswers.parse(body);
  const messages = error ? z.flattenError(error).fieldErrors : {};
  const errors = fields.flatMap(({ name }): AnswerError[] => {
    const message = messages[name]?.[0];
    return message ? [{ field: name, message, type: "wrong" }] : [];
  });
  return {
    answers,
    errors,
    isAddressConfirmed,
    isTrapFilled: hidden("trap") !== "",
    isLiveCheck: hidden("liveCheck") !== "",
    source: hidden("source"),
  };
}
