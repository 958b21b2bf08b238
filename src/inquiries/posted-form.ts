// Reads a posted form: its answers as they were typed, and what is wrong with them.

import { z } from "zod";
import { emailKey } from "./email-address.ts";
import {
  fields,
  formSchema,
  hiddenFields,
  posted,
  typedAnswers,
  type Answers,
  type FieldName,
} from "./form.ts";

/** `question`: the sender confirms the address by sending it again. */
export type AnswerError = {
  field: FieldName;
  message: string;
  type: "wrong" | "question";
};

export type Submitted = {
  /** Also those with an error. */
  answers: Answers;
  /** Empty if the form is complete. `submit` then asks about its address, if necessary. */
  errors: AnswerError[];
  isConfirmed: boolean;
  isTrapFilled: boolean;
  isLiveCheck: boolean;
  /** The slug of the article that the form was sent from, as the form says. */
  source: string;
};

export const emptyForm: Pick<Submitted, "answers" | "errors" | "isConfirmed"> = {
  answers: {},
  errors: [],
  isConfirmed: false,
};

export function readForm(body: Record<string, unknown>): Submitted {
  const { data, error } = formSchema.safeParse(body);
  const answers = data ?? typedAnswers.parse(body);
  const messages = error ? z.flattenError(error).fieldErrors : {};
  const errors = fields.flatMap(({ name }): AnswerError[] => {
    const message = messages[name]?.[0];
    return message ? [{ field: name, message, type: "wrong" }] : [];
  });
  const hidden = (name: keyof typeof hiddenFields) => posted.parse(body[hiddenFields[name]]);
  const confirmed = hidden("confirmed");
  return {
    answers,
    errors,
    isConfirmed: confirmed !== "" && emailKey(answers.email) === emailKey(confirmed),
    isTrapFilled: hidden("trap") !== "",
    isLiveCheck: hidden("liveCheck") !== "",
    source: hidden("source"),
  };
}
